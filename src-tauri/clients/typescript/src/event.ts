// Messages of the event stream (contract, section 4.3).

import { CardeaError } from './error.js';
import { type EndReason, type Snapshot, isSnapshot } from './snapshot.js';

export type EventName =
  | 'session.started' | 'session.changed' | 'session.expiring' | 'session.expiry_withdrawn'
  | 'session.ended' | 'login.started' | 'login.failed' | 'tokens.expiring' | 'card.inserted'
  | 'card.removed' | 'gap' | 'heartbeat' | 'snapshot'
  | (string & {});

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
export function readEvent(data: string): StreamEvent {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    throw new CardeaError('answer');
  }
  if (!isEvent(value)) throw new CardeaError('answer');
  return value;
}

/** Whether a value can be taken for a message. */
export function isEvent(value: unknown): value is StreamEvent {
  if (typeof value !== 'object' || value === null) return false;
  const { event, boot, revision, replayed, reason, snapshot } = value as Record<string, unknown>;
  return typeof event === 'string' && typeof boot === 'string' && Number.isSafeInteger(revision)
    && (replayed === undefined || typeof replayed === 'boolean')
    && (reason === undefined || reason === null || typeof reason === 'string')
    && (snapshot === undefined || isSnapshot(snapshot));
}
