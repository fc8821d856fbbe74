import { type StreamEvent } from './event.js';
import type { World } from './world.js';
/** So long without a byte, and the agent counts as gone (contract, section 4.4), in milliseconds. */
export declare const LONGEST_SILENCE = 30000;
/** A message, and what to resume after once it is taken. */
export interface Message {
    readonly event: StreamEvent;
    readonly id: string | undefined;
}
/** The messages of an open stream, heartbeats among them. It never ends but by an error. */
export declare function messages(world: World, body: ReadableStream<Uint8Array>, run: AbortController): AsyncGenerator<Message, never>;
