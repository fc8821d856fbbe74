// Requests and their answers. Each starts with a proof; only who gave it gets the token.
import { CardeaError, readProblem } from './error.js';
import { firstProven } from './find.js';
import { drawNonce } from './proof.js';
/** So long a request may take beyond what it asks the agent to wait, in milliseconds. */
const LIMIT = 5_000;
/** So long a program on a port may take for its proof, in milliseconds. */
const PROOF_LIMIT = 2_000;
/** No answer of the agent is longer, in bytes. */
const LONGEST_ANSWER = 1 << 20;
/** What never differs: no cookies, no caches, no other address than the one asked. */
const PLAIN = {
    cache: 'no-store', credentials: 'omit', redirect: 'error', referrerPolicy: 'no-referrer',
};
/** Makes requests on behalf of one program. */
export class Exchange {
    world;
    places;
    app;
    token;
    #proven;
    constructor(world, places, app, token) {
        this.world = world;
        this.places = places;
        this.app = app;
        this.token = token;
    }
    /** Makes a request and reads its answer. */
    async ask(call, outer) {
        const limit = LIMIT + 1_000 * (call.patience ?? 0);
        return within(this.world, limit, outer, async (signal) => {
            const address = await this.#find(signal);
            return succeeded(await send(this.world, address, call, signal, this.token));
        });
    }
    /** Makes a request whose answer stays open until `run` is aborted. */
    async open(call, run) {
        const cancel = this.world.after(LIMIT, () => run.abort(new CardeaError('timed_out')));
        try {
            const address = await raced(this.#find(run.signal), run.signal);
            const response = await raced(send(this.world, address, call, run.signal, this.token), run.signal);
            if (response.status === 200)
                return response;
            await succeeded(response);
            throw new CardeaError('answer');
        }
        finally {
            cancel();
        }
    }
    /**
     * The first place that proves to be this user's agent. A proof is good for the one request that
     * follows it: who listens may change, and `fetch` does not say which connection it takes.
     */
    async #find(signal) {
        const found = await this.places();
        const before = found.find(({ url }) => url === this.#proven?.url);
        const places = before ? [before, ...found.filter((place) => place !== before)] : found;
        this.#proven = await firstProven(this.world, places, (place) => this.#prove(place, signal));
        return this.#proven;
    }
    async #prove(address, outer) {
        await within(this.world, PROOF_LIMIT, outer, async (signal) => {
            const nonce = drawNonce();
            const path = `/v1/health?app=${encodeURIComponent(this.app)}&nonce=${nonce}`;
            const response = await send(this.world, address, { path }, signal).catch(() => {
                throw new CardeaError('not_running');
            });
            const { boot, proof } = json(await succeeded(response));
            const isProven = typeof boot === 'string' && typeof proof === 'string'
                && await this.token.isProvenBy(proof, nonce, boot, address.port);
            if (!isProven)
                throw new CardeaError('not_proven');
        });
    }
}
/** Makes a request without a program's token, to who is not proven: for pairing only. */
export async function askUnproven(world, address, call) {
    return within(world, LIMIT, undefined, async (signal) => succeeded(await send(world, address, call, signal)));
}
/** The JSON of an answer. */
export function json(answer) {
    try {
        return JSON.parse(answer.text);
    }
    catch {
        throw new CardeaError('answer');
    }
}
async function send(world, address, call, signal, token) {
    const headers = { accept: 'application/json', ...call.headers };
    if (call.body)
        headers['content-type'] = 'application/json';
    if (token)
        headers['authorization'] = token.authorization();
    const body = call.body ? JSON.stringify(call.body) : null;
    try {
        return await world.fetch(address.url + call.path, {
            ...PLAIN, method: call.method ?? 'GET', headers, body, signal,
        });
    }
    catch {
        throw signal.aborted ? signal.reason : new CardeaError('connection');
    }
}
async function succeeded(response) {
    const { status, headers } = response;
    const text = await read(response);
    if (response.ok || status === 304)
        return { status, headers, text };
    const problem = readProblem(status, text, headers.get('retry-after'));
    throw problem ?? new CardeaError(status === 403 ? 'refused' : 'answer');
}
async function read(response) {
    const decoder = new TextDecoder();
    let text = '';
    const reader = response.body?.getReader();
    while (reader) {
        const { done, value } = await reader.read().catch(() => {
            throw new CardeaError('connection');
        });
        if (done)
            break;
        text += decoder.decode(value, { stream: true });
        if (text.length > LONGEST_ANSWER) {
            void reader.cancel().catch(() => { });
            throw new CardeaError('answer');
        }
    }
    return text;
}
async function within(world, limit, outer, work) {
    const own = new AbortController();
    const pass = () => own.abort(outer?.reason);
    if (outer?.aborted)
        pass();
    outer?.addEventListener('abort', pass, { once: true });
    const cancel = world.after(limit, () => own.abort(new CardeaError('timed_out')));
    try {
        return await raced(work(own.signal), own.signal);
    }
    finally {
        cancel();
        outer?.removeEventListener('abort', pass);
    }
}
/** What `work` gives, or why it was given up: not everything that can be waited for hears a signal. */
async function raced(work, signal) {
    let stop = () => { };
    const givenUp = new Promise((_, reject) => {
        stop = () => reject(signal.reason);
        if (signal.aborted)
            stop();
        signal.addEventListener('abort', stop, { once: true });
    });
    try {
        return await Promise.race([work, givenUp]);
    }
    catch (error) {
        throw signal.aborted ? signal.reason : error;
    }
    finally {
        signal.removeEventListener('abort', stop);
        work.catch(() => { });
    }
}
