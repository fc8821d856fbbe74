import { CardeaError } from './error.js';
import type { StreamEvent } from './event.js';
import { type Environment, type Snapshot } from './snapshot.js';
import { type View } from './view.js';
/** The time, on both clocks. */
export interface Now {
    readonly wall: number;
    readonly monotonic: number;
    readonly throttled: boolean;
}
/** How the stream was lost. */
export type Loss = 
/** It closed, broke, or cannot be opened: maybe for a moment only. */
'closed'
/** 30 s without a byte. */
 | 'silent'
/** The agent says no. */
 | 'refused';
/** Something that is known. */
export type Signal = 
/** A message came; `old` when it may have been under way for long. */
{
    readonly kind: 'event';
    readonly event: StreamEvent;
    readonly old?: boolean;
}
/** The agent answered a question that was asked after everything before. */
 | {
    readonly kind: 'answer';
    readonly snapshot: Snapshot;
} | {
    readonly kind: 'lost';
    readonly loss: Loss;
}
/** The program is about to be frozen, or has just woken. */
 | {
    readonly kind: 'woken';
} | {
    readonly kind: 'tick';
};
/** Whether what the stream still holds can be read on, or may be old: then open a new one. */
export type Stream = 'good' | 'stale';
export declare function lossBy(error: CardeaError): Loss;
/** The state of knowledge. */
export declare class Silence {
    #private;
    private readonly environments;
    constructor(now: Now, environments: readonly Environment[]);
    /** What a program may show now. */
    get view(): View;
    /** When the next `tick` is due at the latest, on the monotonic clock. */
    get decideBy(): number | undefined;
    /** The views since this was asked last, in order. */
    news(): View[];
    handle(signal: Signal, now: Now): Stream;
}
