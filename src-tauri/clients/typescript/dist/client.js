// The client: one method per route of the local API.
import { anyPort, at } from './address.js';
import { CardeaError } from './error.js';
import { Exchange, json } from './exchange.js';
import { Token } from './proof.js';
import { isSnapshot } from './snapshot.js';
import { messages } from './stream.js';
import { Watch } from './watch.js';
import { system } from './world.js';
/** The longest wait the agent grants, in seconds. */
const LONGEST_WAIT = 25;
/**
 * A client of this user's agent. Before each request the agent proves that it knows the program's
 * token (contract, section 4.1); only then is the token sent. Every method ends within a time
 * limit, and fails with a `CardeaError`.
 */
export class Client {
    #world;
    #exchange;
    #token;
    /** The program's id. */
    app;
    /** Which CIS2 the program takes people's word from. */
    environments;
    constructor(options, places = anyPort, world = system) {
        const { app, token, url, environment = 'live' } = options;
        this.#world = world;
        this.app = app;
        this.environments = typeof environment === 'string' ? [environment] : environment;
        this.#token = new Token(token);
        this.#exchange = new Exchange(world, url === undefined ? places : at(url), app, this.#token);
    }
    /** Follows the session: what a program may show, whatever happens to agent, stream or computer. */
    watch(options = {}) {
        return new Watch(this, this.#world, options);
    }
    /** What the agent knows of this program. */
    async info() {
        return json(await this.#exchange.ask({ path: '/v1/app' }));
    }
    /** Takes the program off the agent's list; its token is good for nothing afterwards. */
    async unpair() {
        await this.#exchange.ask({ method: 'DELETE', path: '/v1/app' });
    }
    /** The snapshot of now. */
    async session(signal) {
        return tagged(await this.#exchange.ask({ path: '/v1/session' }, signal));
    }
    /**
     * Waits at most `wait` whole seconds (25 at most; 0 to ask only) for a snapshot with another tag
     * than `known`; none when there was no other. A program that polls by this takes an error for
     * the end of the session, and asks at least every 10 s.
     */
    async sessionChange(known, wait) {
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
    async *events(after, signal) {
        const run = new AbortController();
        const stop = () => run.abort(new CardeaError('aborted'));
        if (signal?.aborted)
            stop();
        signal?.addEventListener('abort', stop, { once: true });
        try {
            const headers = { accept: 'text/event-stream' };
            if (after !== undefined)
                headers['last-event-id'] = after;
            const { body } = await this.#exchange.open({ path: '/v1/events', headers }, run);
            if (!body)
                throw new CardeaError('answer');
            yield* messages(this.#world, body, run);
        }
        finally {
            signal?.removeEventListener('abort', stop);
            run.abort(new CardeaError('aborted'));
        }
    }
    /** Starts a login in the user's browser, or joins the one under way; gives the attempt's id. */
    async login(mode = 'sign_in') {
        const body = mode === 'sign_in' ? {} : { [mode]: true };
        const { attempt } = json(await this.#post('/v1/session/login', body));
        if (typeof attempt !== 'string')
            throw new CardeaError('answer');
        return attempt;
    }
    /** Signs out: whichever session there is, or only the one named. */
    async logout(session) {
        await this.#post('/v1/session/logout', session === undefined ? {} : { session_id: session });
    }
    /** Says that the user is busy in this program. The agent counts it once in 30 s. */
    async activity() {
        await this.#post('/v1/session/activity', {});
    }
    /** Opens Cardea's own window, or has the open one come forward. */
    async openWindow() {
        await this.#post('/v1/window', {});
    }
    /** The session's tokens, for programs that policy gave `tokens:read`. */
    async tokens() {
        return json(await this.#exchange.ask({ path: '/v1/session/tokens' }));
    }
    /** A name that only tabs with this program's token can give. */
    meetingPlace() {
        return this.#token.name('tabs');
    }
    #post(path, body) {
        const call = { method: 'POST', path, body };
        return this.#exchange.ask(call);
    }
}
function tagged(answer) {
    const tag = answer.headers.get('etag');
    const snapshot = json(answer);
    if (tag === null || !isSnapshot(snapshot))
        throw new CardeaError('answer');
    return { snapshot, tag };
}
