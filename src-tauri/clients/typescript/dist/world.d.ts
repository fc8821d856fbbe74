export interface World {
    fetch(url: string, init: RequestInit): Promise<Response>;
    /** Milliseconds that never go back. */
    monotonic(): number;
    /** Milliseconds since 1970, as the user's clock has them. */
    wall(): number;
    /** Calls `f` once after so many milliseconds; what it gives takes that back. */
    after(milliseconds: number, f: () => void): () => void;
    /** Whether timers may come late though nothing slept: browsers slow hidden pages down. */
    isThrottled(): boolean;
}
/** Waits so long, or until `signal` says to wait no more. */
export declare function pause(world: World, milliseconds: number, signal?: AbortSignal): Promise<void>;
export declare const system: World;
