// The client: one method per route of the local API.

import { type Places, anyPort, at } from './address.js';
import { CardeaError } from './error.js';
import { type Answer, type Call, Exchange, json } from './exchange.js';
import { Token } from './proof.js';
import { type Environment, type Snapshot, isSnapshot } from './snapshot.js';
import { type Message, messages } from './stream.js';
import { type TabOptions, Watch } from './watch.js';
import { type World, system } from './world.js';

/** The longest wait the agent grants, in seconds. */
const LONGEST_WAIT = 25;

/** Who calls, and where. */
export interface Options {
  /** The program's id in the agent's list of programs. */
  readonly app: string;
  /** Its token. It is sent to nobody who has not proved to know it. */
  readonly token: string;
  /**
   * Where the agent is, for instance `http://127.0.0.1:28080`. Otherwise it is found: in Node by
   * its endpoint file, in browsers on one of its twenty ports.
   */
  readonly url?: string;
  /** Which CIS2 the program takes people's word from; `live` where nothing is said. */
  readonly environment?: Environment | readonly Environment[];
}

/** What the agent knows of the program. */
export interface AppInfo {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly version?: string;
  readonly features?: readonly string[];
}

/** A snapshot with the tag to ask for the next one by. */
export interface Tagged {
  readonly snapshot: Snapshot;
  readonly tag: string;
}

/** The session's tokens: to be kept in memory only, and dropped when the session ends. */
export interface SessionTokens {
  readonly session_id: string;
  readonly id_token: string;
  readonly exp: number;
  readonly sid?: string;
  readonly client_id: string;
  readonly issuer: string;
  readonly access_token?: string;
}

/** How to sign in. */
export type LoginMode = 'sign_in' | 'reauthenticate' | 'change_role';

/**
 * A client of this user's agent. Before each request the agent proves that it knows the program's
 * token (contract, section 4.1); only then is the token sent. Every method ends within a time
 * limit, and fails with a `CardeaError`.
 */
export class Client {
  readonly #world: World;
  readonly #exchange: Exchange;
  readonly #token: Token;
  /** The program's id. */
  readonly app: string;
  /** Which CIS2 the program takes people's word from. */
  readonly environments: readonly Environment[];

  constructor(options: Options, places: Places = anyPort, world: World = system) {
    const { app, token, url, environment = 'live' } = options;
    this.#world = world;
    this.app = app;
    this.environments = typeof environment === 'string' ? [environment] : environment;
    this.#token = new Token(token);
    this.#exchange = new Exchange(world, url === undefined ? places : at(url), app, this.#token);
  }

  /** Follows the session: what a program may show, whatever happens to agent, stream or computer. */
  watch(options: TabOptions = {}): Watch {
    return new Watch(this, this.#world, options);
  }

  /** What the agent knows of this program. */
  async info(): Promise<AppInfo> {
    return json(await this.#exchange.ask({ path: '/v1/app' })) as AppInfo;
  }

  /** Takes the program off the agent's list; its token is good for nothing afterwards. */
  async unpair(): Promise<void> {
    await this.#exchange.ask({ method: 'DELETE', path: '/v1/app' });
  }

  /** The snapshot of now. */
  async session(signal?: AbortSignal): Promise<Tagged> {
    return tagged(await this.#exchange.ask({ path: '/v1/session' }, signal));
  }

  /**
   * Waits at most `wait` whole seconds (25 at most; 0 to ask only) for a snapshot with another tag
   * than `known`; none when there was no other. A program that polls by this takes an error for
   * the end of the session, and asks at least every 10 s.
   */
  async sessionChange(known: string, wait: number): Promise<Tagged | undefined> {
    const seconds = Math.max(0, Math.min(LONGEST_WAIT, Math.trunc(wait)));
    const answer = await this.#exchange.ask({
      path: seconds === 0 ? '/v1/session' : `/v1/session?wait=${seconds}`,
      headers: { 'if-none-match': known },
      patience: seconds,
    });
    return answer.status === 304 ? undefined : tagged(answer);
  }

  /**
   * The event stream, after the message `after` where the agent still has what followed it. It ends
   * by an error, or when `signal` says so. `watch` does this for programs that follow the session.
   */
  async* events(after?: string, signal?: AbortSignal): AsyncGenerator<Message, void> {
    const run = new AbortController();
    const stop = () => run.abort(new CardeaError('aborted'));
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop, { once: true });
    try {
      const headers: Record<string, string> = { accept: 'text/event-stream' };
      if (after !== undefined) headers['last-event-id'] = after;
      const { body } = await this.#exchange.open({ path: '/v1/events', headers }, run);
      if (!body) throw new CardeaError('answer');
      yield* messages(this.#world, body, run);
    } finally {
      signal?.removeEventListener('abort', stop);
      run.abort(new CardeaError('aborted'));
    }
  }

  /** Starts a login in the user's browser, or joins the one under way; gives the attempt's id. */
  async login(mode: LoginMode = 'sign_in'): Promise<string> {
    const body = mode === 'sign_in' ? {} : { [mode]: true };
    const { attempt } = json(await this.#post('/v1/session/login', body)) as { attempt?: unknown };
    if (typeof attempt !== 'string') throw new CardeaError('answer');
    return attempt;
  }

  /** Signs out: whichever session there is, or only the one named. */
  async logout(session?: string): Promise<void> {
    await this.#post('/v1/session/logout', session === undefined ? {} : { session_id: session });
  }

  /** Says that the user is busy in this program. The agent counts it once in 30 s. */
  async activity(): Promise<void> {
    await this.#post('/v1/session/activity', {});
  }

  /** Opens Cardea's own window, or has the open one come forward. */
  async openWindow(): Promise<void> {
    await this.#post('/v1/window', {});
  }

  /** The session's tokens, for programs that policy gave `tokens:read`. */
  async tokens(): Promise<SessionTokens> {
    return json(await this.#exchange.ask({ path: '/v1/session/tokens' })) as SessionTokens;
  }

  /** A name that only tabs with this program's token can give. */
  meetingPlace(): Promise<string> {
    return this.#token.name('tabs');
  }

  #post(path: string, body: object): Promise<Answer> {
    const call: Call = { method: 'POST', path, body };
    return this.#exchange.ask(call);
  }
}

function tagged(answer: Answer): Tagged {
  const tag = answer.headers.get('etag');
  const snapshot = json(answer);
  if (tag === null || !isSnapshot(snapshot)) throw new CardeaError('answer');
  return { snapshot, tag };
}
