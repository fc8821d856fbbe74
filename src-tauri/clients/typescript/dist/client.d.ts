import { type Places } from './address.js';
import { type Environment, type Snapshot } from './snapshot.js';
import { type Message } from './stream.js';
import { type TabOptions, Watch } from './watch.js';
import { type World } from './world.js';
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
export declare class Client {
    #private;
    /** The program's id. */
    readonly app: string;
    /** Which CIS2 the program takes people's word from. */
    readonly environments: readonly Environment[];
    constructor(options: Options, places?: Places, world?: World);
    /** Follows the session: what a program may show, whatever happens to agent, stream or computer. */
    watch(options?: TabOptions): Watch;
    /** What the agent knows of this program. */
    info(): Promise<AppInfo>;
    /** Takes the program off the agent's list; its token is good for nothing afterwards. */
    unpair(): Promise<void>;
    /** The snapshot of now. */
    session(signal?: AbortSignal): Promise<Tagged>;
    /**
     * Waits at most `wait` whole seconds (25 at most; 0 to ask only) for a snapshot with another tag
     * than `known`; none when there was no other. A program that polls by this takes an error for
     * the end of the session, and asks at least every 10 s.
     */
    sessionChange(known: string, wait: number): Promise<Tagged | undefined>;
    /**
     * The event stream, after the message `after` where the agent still has what followed it. It ends
     * by an error, or when `signal` says so. `watch` does this for programs that follow the session.
     */
    events(after?: string, signal?: AbortSignal): AsyncGenerator<Message, void>;
    /** Starts a login in the user's browser, or joins the one under way; gives the attempt's id. */
    login(mode?: LoginMode): Promise<string>;
    /** Signs out: whichever session there is, or only the one named. */
    logout(session?: string): Promise<void>;
    /** Says that the user is busy in this program. The agent counts it once in 30 s. */
    activity(): Promise<void>;
    /** Opens Cardea's own window, or has the open one come forward. */
    openWindow(): Promise<void>;
    /** The session's tokens, for programs that policy gave `tokens:read`. */
    tokens(): Promise<SessionTokens>;
    /** A name that only tabs with this program's token can give. */
    meetingPlace(): Promise<string>;
}
