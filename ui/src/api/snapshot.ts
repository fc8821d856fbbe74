// What the agent says of readers and session (contract, section 3.1). Fields that do not apply are
// absent; fields that are not named here are ignored.

export type State =
  | 'unavailable' | 'no_reader' | 'no_card' | 'card_present' | 'signing_in' | 'active' | (string & {});

/** Everything there is to know; times are RFC 3339 in UTC. */
export interface Snapshot {
  readonly boot: string;
  readonly revision: number;
  readonly environment: 'live' | 'int' | 'custom' | 'simulated' | (string & {});
  readonly issuer: string;
  readonly state: State;
  readonly since: string;
  readonly readers: readonly Reader[];
  readonly login?: Login;
  readonly session?: Session;
  readonly last_end?: LastEnd;
  readonly failure?: Failure;
}

export interface Reader {
  readonly name: string;
  readonly state: 'empty' | 'present' | 'mute' | 'ignored' | 'unavailable' | (string & {});
  readonly card?: { readonly recognised: boolean; readonly name?: string };
}

export interface Login {
  readonly attempt: string;
  readonly started_at: string;
  readonly waiting: 'port' | 'browser' | 'provider' | (string & {});
}

export interface Session {
  readonly id: string;
  readonly started_at: string;
  readonly expires_at: string;
  /** As of when the snapshot was written: using a program moves it without a new revision. */
  readonly idle_expires_at: string;
  readonly expiring?: boolean;
  readonly card_bound: boolean;
  readonly readers: readonly string[];
  readonly user?: User;
}

export interface User {
  readonly id: string;
  readonly name?: string;
  readonly given_name?: string;
  readonly family_name?: string;
  readonly selected_roleid?: string;
  readonly roles?: readonly Role[];
}

export interface Role {
  readonly person_roleid: string;
  readonly display_name: string;
  readonly org_code: string;
  readonly org_name?: string;
}

export interface LastEnd {
  readonly session_id: string;
  readonly reason: string;
  readonly at: string;
}

/** What happened, for the clinician, and what to do, for the help desk. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/** What the window shows. */
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
