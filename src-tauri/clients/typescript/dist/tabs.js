// One connection for all tabs of an origin: whoever holds the lock leads and passes on what comes;
// each tab judges for itself by what it is told.
import { CardeaError, ProblemError } from './error.js';
import { isEvent } from './event.js';
import { Line } from './line.js';
import { LONGEST_SILENCE } from './stream.js';
/** So long without a word, and another tab takes the lead. In milliseconds. */
const LONGEST_LEAD = 15_000;
/** The browser's, where it has both. */
export function browserTabs() {
    if (typeof document === 'undefined')
        return undefined;
    const locks = navigator.locks;
    if (!locks || typeof BroadcastChannel === 'undefined')
        return undefined;
    return {
        channel: (name) => new BroadcastChannel(name),
        lock: async (name, options, lead) => {
            await locks.request(name, options, lead);
        },
    };
}
export class TabLine {
    client;
    world;
    listener;
    tabs;
    #run;
    #resume;
    constructor(client, world, listener, tabs) {
        this.client = client;
        this.world = world;
        this.listener = listener;
        this.tabs = tabs;
    }
    open() {
        if (this.#run)
            return;
        const hear = {
            heard: (message, old) => {
                this.#resume = message.id ?? this.#resume;
                return this.listener.heard(message, old);
            },
            lost: (error) => this.listener.lost(error),
        };
        this.#run = new Run(this.client, this.world, hear, this.tabs, () => this.#resume);
    }
    /** A leader's stream may be old; a follower's questions to the agent are its watch's to ask. */
    renew() {
        this.open();
        this.#run?.renew();
    }
    close() {
        this.#run?.end();
        this.#run = undefined;
    }
}
/** From one `open` to the next `close`. */
class Run {
    client;
    world;
    listener;
    tabs;
    resume;
    #ended = new AbortController();
    /** Waits for the lead, or has it. */
    #turn;
    #channel;
    #line;
    /** Leads no more. */
    #abdicate;
    #cancelTakeover = () => { };
    #cancelSilence = () => { };
    constructor(client, world, listener, tabs, resume) {
        this.client = client;
        this.world = world;
        this.listener = listener;
        this.tabs = tabs;
        this.resume = resume;
        this.#join().catch((error) => {
            if (this.#ended.signal.aborted)
                return;
            if (error instanceof CardeaError)
                this.listener.lost(error);
            // Tabs that cannot meet have a connection each.
            this.#lead();
        });
    }
    renew() {
        this.#line?.renew();
    }
    end() {
        this.#ended.abort(new CardeaError('aborted'));
        this.#turn?.abort();
        this.#cancelTakeover();
        this.#cancelSilence();
        if (this.#line)
            this.#say({ kind: 'bye' });
        this.#line?.close();
        this.#line = undefined;
        this.#abdicate?.();
        if (this.#channel) {
            this.#channel.onmessage = null;
            this.#channel.close();
        }
    }
    async #join() {
        const name = `cardea:${await this.client.meetingPlace()}`;
        if (this.#ended.signal.aborted)
            return;
        this.#channel = this.tabs.channel(name);
        this.#channel.onmessage = ({ data }) => this.#hear(data);
        this.#expect(name);
        await this.#compete(name, 'wait');
    }
    /** Waits for its turn, and leads until it ends or another tab takes the lead from it. */
    async #compete(name, how) {
        this.#turn?.abort();
        const turn = new AbortController();
        this.#turn = turn;
        let led = false;
        try {
            const options = how === 'steal' ? { steal: true } : { signal: turn.signal };
            await this.tabs.lock(name, options, async () => {
                if (turn.signal.aborted)
                    return;
                led = true;
                this.#say({ kind: 'lead' });
                // For whoever leads anew, as for those who hear of it, the old line is lost.
                this.listener.lost(new CardeaError('closed'));
                this.#lead();
                await new Promise((resolve) => {
                    this.#abdicate = resolve;
                });
            });
        }
        catch (error) {
            if (!led && !turn.signal.aborted)
                throw error;
        }
        if (turn.signal.aborted)
            return;
        this.#line?.close();
        this.#line = undefined;
        this.#expect(name);
        await this.#compete(name, 'wait');
    }
    #lead() {
        this.#cancelTakeover();
        this.#cancelSilence();
        const pass = {
            heard: (message, old) => {
                const turnedOutOld = this.listener.heard(message, old);
                this.#say({ kind: 'heard', message, old: turnedOutOld });
                return turnedOutOld;
            },
            lost: (error) => {
                const status = error instanceof ProblemError ? error.status : undefined;
                this.#say({ kind: 'lost', code: error.code, status });
                this.listener.lost(error);
            },
        };
        this.#line = new Line(this.client, this.world, pass, this.resume());
        this.#line.open();
    }
    #say(word) {
        this.#channel?.postMessage(word);
    }
    #hear(data) {
        if (this.#line || this.#ended.signal.aborted || !isWord(data))
            return;
        this.#listen();
        if (data.kind === 'heard')
            this.listener.heard(data.message, data.old);
        else if (data.kind === 'lost')
            this.listener.lost(errorBy(data));
        else
            this.listener.lost(new CardeaError('closed'));
    }
    #listen = () => { };
    /** From each word on, the next is expected within the limits. */
    #expect(name) {
        this.#listen = () => {
            this.#cancelTakeover();
            this.#cancelSilence();
            this.#cancelTakeover = this.world.after(LONGEST_LEAD, () => {
                void this.#compete(name, 'steal').catch(() => { });
            });
            this.#cancelSilence = this.world.after(LONGEST_SILENCE, () => {
                this.listener.lost(new CardeaError('silent'));
            });
        };
        this.#listen();
    }
}
function isWord(data) {
    if (typeof data !== 'object' || data === null || !('kind' in data))
        return false;
    const { kind, message, old, code } = data;
    if (kind === 'lead' || kind === 'bye')
        return true;
    if (kind === 'lost')
        return typeof code === 'string';
    const { event, id } = (message ?? {});
    return kind === 'heard' && typeof old === 'boolean' && isEvent(event)
        && (id === undefined || typeof id === 'string');
}
function errorBy(word) {
    const { code, status } = word;
    return status === undefined
        ? new CardeaError(code)
        : new ProblemError(status, code, code, undefined, undefined);
}
