/** What this library finds out by itself. */
export type ClientCode = 
/** Nobody listens where the agent of this user would, or a browser does not let us ask. */
'not_running'
/** The desktop session has no folder in which the agent could be found. */
 | 'no_runtime_folder'
/** The endpoint file is not one. */
 | 'endpoint'
/** This is not the address of an agent on this computer. */
 | 'address'
/** What listens on the port is not this user's agent, or does not know this program's token. */
 | 'not_proven'
/** 403 without detail. */
 | 'refused'
/** The agent took too long. */
 | 'timed_out'
/** The answer is not what the API says. */
 | 'answer'
/** The connection broke. */
 | 'connection'
/** The agent closed the stream. */
 | 'closed'
/** Not a byte came on the stream for half a minute. */
 | 'silent'
/** The text cannot be a token. */
 | 'token'
/** The page is neither https nor on loopback: browsers do no cryptography there. */
 | 'insecure_page'
/** The caller gave up. */
 | 'aborted';
/** Problems as the agent names them (contract, section 4.7), the agent's failures among them. */
export type ProblemCode = 'bad_request' | 'token_missing' | 'token_invalid' | 'token_revoked' | 'scope_missing' | 'origin_not_allowed' | 'not_found' | 'rate_limited' | 'too_many_connections' | 'already_signed_in' | 'no_session' | 'session_mismatch' | 'token_expired' | 'pairing_off' | 'pairing_declined' | 'pairing_expired' | 'pairing_busy' | 'desktop_not_active' | 'agent_busy' | 'internal_error' | 'no_window' | 'window_not_started' | 'config_invalid' | 'policy_changed' | 'card_service_stopped' | 'card_unreadable' | 'card_not_recognised' | 'card_removed_during_login' | 'card_missing' | 'login_cancelled' | 'login_timed_out' | 'login_refused' | 'provider_unreachable' | 'provider_rejected_client' | 'provider_response_invalid' | 'clock_wrong' | 'assurance_too_low' | 'smartcard_required' | 'redirect_port_busy' | 'browser_failed' | 'client_credential_missing' | 'keystore_unavailable' | 'api_port_busy' | 'socket_busy' | (string & {});
/** Why the agent could not be asked. */
export declare class CardeaError extends Error {
    readonly code: ClientCode | ProblemCode;
    readonly name: string;
    constructor(code: ClientCode | ProblemCode, message?: string);
}
/** The agent said why it did not do it. */
export declare class ProblemError extends CardeaError {
    /** The HTTP status. */
    readonly status: number;
    readonly code: ProblemCode;
    /** What to do about it, for the help desk. */
    readonly remedy: string | undefined;
    /** When to ask again, in seconds, where the agent says so. */
    readonly retryAfter: number | undefined;
    readonly name: string;
    constructor(
    /** The HTTP status. */
    status: number, code: ProblemCode, detail: string, 
    /** What to do about it, for the help desk. */
    remedy: string | undefined, 
    /** When to ask again, in seconds, where the agent says so. */
    retryAfter: number | undefined);
}
/** Reads a problem document; none when it is not one. */
export declare function readProblem(status: number, text: string, wait: string | null): ProblemError | undefined;
/** The seconds of a `Retry-After` header. */
export declare function retryAfter(header: string | null): number | undefined;
