// What the window shows. What the agent says of readers and session has its types in the client for
// TypeScript (contract, section 3.1), of which the page takes nothing else.

import type { Session, Snapshot } from '../../../src-tauri/clients/typescript/dist/snapshot.js';

export type { Reader, Role, Session, Snapshot, User } from '../../../src-tauri/clients/typescript/dist/snapshot.js';

/** What happened, for the clinician, and what to do, for the help desk. */
export type Failure = NonNullable<Snapshot['failure']>;

export interface View {
  readonly agent: 'running' | 'starting' | 'restarting' | 'down';
  readonly snapshot: Snapshot | null;
  /** How many programs ask to be let in. */
  readonly pairings: number;
  readonly server_time: string;
}

/** The session, while it counts as one. */
export function sessionOf(view: View | null): Session | undefined {
  if (view?.agent !== 'running') return undefined;
  return view.snapshot?.state === 'active' ? view.snapshot.session : undefined;
}
