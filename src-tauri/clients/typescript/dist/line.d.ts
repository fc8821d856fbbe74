import type { Client } from './client.js';
import { CardeaError } from './error.js';
import type { Message } from './stream.js';
import { type World } from './world.js';
/** Who is told what comes over a line. */
export interface Listener {
    /** A message; `old` when it may have been under way for long. Says whether it turned out so. */
    heard(message: Message, old: boolean): boolean;
    lost(error: CardeaError): void;
}
/** Where messages come from: a line of one's own, or one that tabs share. */
export interface Source {
    /** Starts, unless it runs. */
    open(): void;
    /** Drops what is under way, because it may be old, and starts anew. */
    renew(): void;
    /** Stops; `open` starts again. */
    close(): void;
}
export declare class Line implements Source {
    #private;
    private readonly client;
    private readonly world;
    private readonly listener;
    private resume?;
    constructor(client: Client, world: World, listener: Listener, resume?: string | undefined);
    open(): void;
    renew(): void;
    close(): void;
}
