/** Which CIS2: only `live` is the real one. */
export type Environment = 'live' | 'int' | 'custom' | 'simulated' | (string & {});
/** Everything there is to know. */
export interface Snapshot {
    /** Names the run of the agent. */
    readonly boot: string;
    /** Grows by one with each change. */
    readonly revision: number;
    readonly environment: Environment;
    /** CIS2's issuer, to be compared byte for byte. */
    readonly issuer: string;
    /** Signed in only when it is `active`, whatever else a newer agent says. */
    readonly state: 'unavailable' | 'no_reader' | 'no_card' | 'card_present' | 'signing_in' | 'active' | (string & {});
    /** Since when, RFC 3339 in UTC as all times here. */
    readonly since: string;
    readonly readers: readonly Reader[];
    readonly login?: {
        readonly attempt: string;
        readonly started_at: string;
        readonly waiting: string;
    };
    readonly session?: Session;
    readonly last_end?: {
        readonly session_id: string;
        readonly reason: EndReason;
        readonly at: string;
    };
    /** What is wrong: for the clinician a message, for the help desk a remedy. */
    readonly failure?: {
        readonly code: string;
        readonly message: string;
        readonly remedy: string;
    };
}
export interface Reader {
    readonly name: string;
    readonly state: 'empty' | 'present' | 'mute' | 'ignored' | 'unavailable' | (string & {});
    readonly card?: {
        readonly recognised: boolean;
        readonly name?: string;
    };
}
/** Who is signed in, and until when. */
export interface Session {
    /** Names it; never used again. */
    readonly id: string;
    readonly started_at: string;
    readonly expires_at: string;
    readonly idle_expires_at: string;
    readonly id_token_expires_at: string;
    readonly expiring?: boolean;
    /** Whether it ends when a card leaves. */
    readonly card_bound: boolean;
    readonly readers: readonly string[];
    readonly acr?: string;
    readonly amr?: readonly string[];
    readonly auth_time: string;
    readonly authentication_assurance_level: number;
    readonly id_assurance_level: number;
    /** Only for programs with `identity:read`. */
    readonly user?: User;
}
export interface User {
    /** CIS2's `sub`. */
    readonly id: string;
    readonly name?: string;
    readonly given_name?: string;
    readonly family_name?: string;
    /** The `person_roleid` of the role chosen at CIS2. */
    readonly selected_roleid?: string;
    readonly roles?: readonly Role[];
}
export interface Role {
    readonly person_roleid: string;
    readonly person_orgid: string;
    readonly role_code: string;
    readonly role_name: string;
    readonly display_name: string;
    readonly org_code: string;
    readonly org_name?: string;
    readonly activity_codes?: readonly string[];
    readonly workgroups_codes?: readonly string[];
    readonly aow_codes?: readonly string[];
}
/** Why a session ended; one that is not named here is an end all the same. */
export type EndReason = 'card_removed' | 'card_swapped' | 'reader_removed' | 'card_service_lost' | 'user_logout' | 'app_logout' | 'idle_timeout' | 'lifetime_exceeded' | 'workstation_locked' | 'suspended' | 'session_disconnected' | 'os_logoff' | 'replaced' | 'remote_logout' | 'policy_changed' | 'agent_stopping' | 'unknown' | (string & {});
/** The role chosen at CIS2, when it is among the user's roles. */
export declare function selectedRole(user: User): Role | undefined;
/** The session, while it counts as one. */
export declare function activeSession(snapshot: Snapshot): Session | undefined;
/** Whether a document can be taken for a snapshot: what every decision here rests on is there. */
export declare function isSnapshot(value: unknown): value is Snapshot;
