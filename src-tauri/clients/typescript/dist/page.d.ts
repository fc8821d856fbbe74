/** Who is told of them. */
export interface Sleeper {
    sleep(): void;
    wake(): void;
}
/** Something that can be frozen, hidden and shown again. */
export interface Page {
    /** Tells from now on; what it gives ends that. */
    follow(sleeper: Sleeper): () => void;
}
/** The page this runs in; outside of one there is nothing to follow. */
export declare function browserPage(): Page;
