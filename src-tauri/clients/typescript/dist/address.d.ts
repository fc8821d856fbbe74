/** One place where the agent may be. */
export interface Address {
    /** Without a slash at its end. */
    readonly url: string;
    readonly port: number;
}
/** Gives the places to try, the likeliest first; asked again each time the agent is looked for. */
export type Places = () => Promise<readonly Address[]>;
/** Reads `http://127.0.0.1:PORT`, `http://localhost:PORT` or `http://[::1]:PORT`. */
export declare function parseAddress(text: string): Address;
/** Always there. */
export declare function at(url: string): Places;
/** The twenty ports, for programs that cannot read the endpoint file. */
export declare const anyPort: Places;
