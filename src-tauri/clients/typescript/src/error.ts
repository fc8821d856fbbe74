// Why the agent could not be asked, or did not do what was asked. No error holds a token or
// anything about a person.

/** What this library finds out by itself. */
export type ClientCode =
  /** Nobody listens where the agent of this user would, or a browser does not let us ask. */
  | 'not_running'
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
export type ProblemCode =
  | 'bad_request' | 'token_missing' | 'token_invalid' | 'token_revoked' | 'scope_missing'
  | 'origin_not_allowed' | 'not_found' | 'rate_limited' | 'too_many_connections'
  | 'already_signed_in' | 'no_session' | 'session_mismatch' | 'token_expired' | 'pairing_off'
  | 'pairing_declined' | 'pairing_expired' | 'pairing_busy' | 'desktop_not_active' | 'agent_busy'
  | 'internal_error' | 'no_window' | 'window_not_started'
  | 'config_invalid' | 'policy_changed' | 'card_service_stopped' | 'card_unreadable'
  | 'card_not_recognised' | 'card_removed_during_login' | 'card_missing' | 'login_cancelled'
  | 'login_timed_out' | 'login_refused' | 'provider_unreachable' | 'provider_rejected_client'
  | 'provider_response_invalid' | 'clock_wrong' | 'assurance_too_low' | 'smartcard_required'
  | 'redirect_port_busy' | 'browser_failed' | 'client_credential_missing' | 'keystore_unavailable'
  | 'api_port_busy' | 'socket_busy'
  | (string & {});

const MESSAGES: Record<ClientCode, string> = {
  not_running: 'the agent is not running',
  no_runtime_folder: 'the agent cannot be found: the desktop session names no folder for it',
  endpoint: "the agent's endpoint file cannot be read",
  address: 'this is not an address like http://127.0.0.1:28080',
  not_proven: "the program on the agent's port did not prove that it is the agent",
  refused: 'the agent refused this program without detail',
  timed_out: 'the agent did not answer in time',
  answer: "the agent's answer was not understood",
  connection: 'the connection to the agent broke',
  closed: 'the agent closed the stream',
  silent: 'the agent fell silent',
  token: 'a token is 1 to 128 visible ASCII characters',
  insecure_page: 'the agent can only be asked by pages on https or on this computer',
  aborted: 'the program gave up asking',
};

/** Why the agent could not be asked. */
export class CardeaError extends Error {
  override readonly name: string = 'CardeaError';

  constructor(readonly code: ClientCode | ProblemCode, message?: string) {
    super(message ?? MESSAGES[code as ClientCode] ?? code);
  }
}

/** The agent said why it did not do it. */
export class ProblemError extends CardeaError {
  override readonly name: string = 'ProblemError';

  constructor(
    /** The HTTP status. */
    readonly status: number,
    override readonly code: ProblemCode,
    detail: string,
    /** What to do about it, for the help desk. */
    readonly remedy: string | undefined,
    /** When to ask again, in seconds, where the agent says so. */
    readonly retryAfter: number | undefined,
  ) {
    super(code, detail);
  }
}

/** Reads a problem document; none when it is not one. */
export function readProblem(
  status: number, text: string, wait: string | null,
): ProblemError | undefined {
  const document = parsed(text);
  const { code, detail, title, remedy } = document;
  if (typeof code !== 'string') return undefined;
  const said = [detail, title, code].find((part) => typeof part === 'string') as string;
  const how = typeof remedy === 'string' ? remedy : undefined;
  return new ProblemError(status, code, said, how, retryAfter(wait));
}

/** The seconds of a `Retry-After` header. */
export function retryAfter(header: string | null): number | undefined {
  return header !== null && /^\d{1,6}$/.test(header) ? Number(header) : undefined;
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value as Record<string, unknown> : {};
  } catch {
    return {};
  }
}
