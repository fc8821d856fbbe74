// What ends the session next, and when it is time to say so.

import type { Session } from '../api/snapshot.ts';

/** From here on the end is near; the agent's own mark comes at the same time or later. */
const NEAR_MS = 60_000;

export interface Ending {
  readonly by: 'idle' | 'lifetime';
  readonly at: string;
  /** Never below 0, in milliseconds. */
  readonly left: number;
  readonly near: boolean;
}

/** What ends `session` next as of `now`, in milliseconds since 1970. */
export function endingOf(session: Session, now: number): Ending {
  const idle = Date.parse(session.idle_expires_at);
  const lifetime = Date.parse(session.expires_at);
  const byIdle = idle < lifetime;
  const left = Math.max(0, (byIdle ? idle : lifetime) - now);
  return {
    by: byIdle ? 'idle' : 'lifetime',
    at: byIdle ? session.idle_expires_at : session.expires_at,
    left,
    near: session.expiring === true || left <= NEAR_MS,
  };
}
