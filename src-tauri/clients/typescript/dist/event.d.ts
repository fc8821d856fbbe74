import { type EndReason, type Snapshot } from './snapshot.js';
export type EventName = 'session.started' | 'session.changed' | 'session.expiring' | 'session.expiry_withdrawn' | 'session.ended' | 'login.started' | 'login.failed' | 'tokens.expiring' | 'card.inserted' | 'card.removed' | 'gap' | 'heartbeat' | 'snapshot' | (string & {});
/** One message of the stream, with what applies to it. */
export interface StreamEvent {
    readonly event: EventName;
    readonly boot: string;
    /** The revision it led to. */
    readonly revision: number;
    readonly at: string;
    /** It happened while the stream was away, and is told now. */
    readonly replayed?: boolean;
    readonly session_id?: string;
    /** Why the session ended or will end. */
    readonly reason?: EndReason;
    readonly attempt?: string;
    /** Why the login failed. */
    readonly code?: string;
    readonly reader?: string;
    readonly expires_at?: string;
    /** Everything as it is now, with `snapshot`. */
    readonly snapshot?: Snapshot;
}
/** Reads the data of a message; what is none is an error. */
export declare function readEvent(data: string): StreamEvent;
/** Whether a value can be taken for a message. */
export declare function isEvent(value: unknown): value is StreamEvent;
