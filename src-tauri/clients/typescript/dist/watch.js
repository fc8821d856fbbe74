// Follows the session, and is the one implementation of "silence is logout".
import { CardeaError } from './error.js';
import { Line } from './line.js';
import { browserPage } from './page.js';
import { Silence, lossBy } from './silence.js';
import { TabLine, browserTabs } from './tabs.js';
import { Views } from './views.js';
/** So often the clocks are compared, in milliseconds. */
const TICK = 1_000;
/**
 * Follows the session. Whatever happens to agent, stream or computer, the view is right, or locked:
 * it starts as `checking`, and only what the agent says now makes it `signedIn`.
 */
export class Watch {
    #client;
    #world;
    #silence;
    #source;
    #views = new Set();
    #events = new Set();
    #leavePage;
    #cancelTick = () => { };
    #asking;
    #error;
    #closed = false;
    constructor(client, world, options = {}) {
        this.#client = client;
        this.#world = world;
        this.#silence = new Silence(this.#now(), client.environments);
        const listener = {
            heard: (message, old) => this.#hear(message, old),
            lost: (error) => this.#lose(error),
        };
        const tabs = options.share === false ? undefined : options.tabs ?? browserTabs();
        this.#source = tabs
            ? new TabLine(client, world, listener, tabs)
            : new Line(client, world, listener);
        this.#leavePage = (options.page ?? browserPage()).follow({
            sleep: () => this.#sleep(),
            wake: () => this.wake(),
        });
        this.#source.open();
        if (tabs)
            this.#ask();
        this.#tickLater();
    }
    /** What a program may show now. */
    get view() {
        return this.#silence.view;
    }
    /** Why the stream was lost last; none while it is there. */
    get error() {
        return this.#error;
    }
    on(what, listener) {
        if (what === 'event')
            return added(this.#events, listener);
        const take = added(this.#views, listener);
        listener(this.view);
        return take;
    }
    /** The views from now on, the one of now first. */
    [Symbol.asyncIterator]() {
        const views = new Views(() => take());
        const take = this.on('view', (view) => views.push(view));
        return views;
    }
    /** Locks, asks the agent, and decides. For programs that know of a wake that nothing else tells. */
    wake() {
        if (this.#closed)
            return;
        this.#tell({ kind: 'woken' });
        this.#source.open();
        this.#ask();
        this.#tickLater();
    }
    /** Follows no more; the view stays locked. */
    close() {
        this.#closed = true;
        this.#stop();
        this.#leavePage();
        this.#tell({ kind: 'lost', loss: 'silent' });
    }
    /** What a frozen page shows stays on the screen: nothing that could be wrong by then. */
    #sleep() {
        this.#tell({ kind: 'woken' });
        this.#stop();
    }
    #stop() {
        this.#source.close();
        this.#asking?.abort(new CardeaError('aborted'));
        this.#cancelTick();
    }
    #hear(message, old) {
        this.#error = undefined;
        const stream = this.#tell({ kind: 'event', event: message.event, old });
        if (message.event.event !== 'heartbeat') {
            for (const listener of [...this.#events])
                call(listener, message.event);
        }
        return old || stream === 'stale';
    }
    #lose(error) {
        this.#error = error;
        this.#tell({ kind: 'lost', loss: lossBy(error) });
    }
    #ask() {
        this.#asking?.abort(new CardeaError('aborted'));
        const asking = new AbortController();
        this.#asking = asking;
        this.#client.session(asking.signal).then(({ snapshot }) => {
            if (!asking.signal.aborted)
                this.#tell({ kind: 'answer', snapshot });
        }, (error) => {
            if (!asking.signal.aborted && error instanceof CardeaError)
                this.#lose(error);
        });
    }
    #tell(signal) {
        const stream = this.#silence.handle(signal, this.#now());
        for (const view of this.#silence.news()) {
            for (const listener of [...this.#views])
                call(listener, view);
        }
        if (stream === 'stale' && !this.#closed) {
            this.#source.renew();
            this.#ask();
        }
        return stream;
    }
    #tickLater() {
        this.#cancelTick();
        const limit = this.#silence.decideBy ?? Infinity;
        const wait = Math.max(0, Math.min(TICK, limit - this.#world.monotonic()));
        this.#cancelTick = this.#world.after(wait, () => {
            this.#tell({ kind: 'tick' });
            if (!this.#closed)
                this.#tickLater();
        });
    }
    #now() {
        const world = this.#world;
        return { wall: world.wall(), monotonic: world.monotonic(), throttled: world.isThrottled() };
    }
}
function added(listeners, listener) {
    listeners.add(listener);
    return () => void listeners.delete(listener);
}
/** One listener's mistake is not the others' loss; it is told where mistakes are told. */
function call(listener, value) {
    try {
        listener(value);
    }
    catch (error) {
        queueMicrotask(() => {
            throw error;
        });
    }
}
