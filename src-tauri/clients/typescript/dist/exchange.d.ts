import type { Address, Places } from './address.js';
import { type Token } from './proof.js';
import type { World } from './world.js';
/** A request to be made. */
export interface Call {
    readonly method?: 'GET' | 'POST' | 'DELETE';
    readonly path: string;
    readonly headers?: Record<string, string>;
    readonly body?: object;
    /** How much longer the agent may take, in seconds. */
    readonly patience?: number;
}
/** A successful answer (2xx or 304), read to its end. */
export interface Answer {
    readonly status: number;
    readonly headers: Headers;
    readonly text: string;
}
/** Makes requests on behalf of one program. */
export declare class Exchange {
    #private;
    private readonly world;
    private readonly places;
    private readonly app;
    private readonly token;
    constructor(world: World, places: Places, app: string, token: Token);
    /** Makes a request and reads its answer. */
    ask(call: Call, outer?: AbortSignal): Promise<Answer>;
    /** Makes a request whose answer stays open until `run` is aborted. */
    open(call: Call, run: AbortController): Promise<Response>;
}
/** Makes a request without a program's token, to who is not proven: for pairing only. */
export declare function askUnproven(world: World, address: Address, call: Call): Promise<Answer>;
/** The JSON of an answer. */
export declare function json(answer: Answer): unknown;
