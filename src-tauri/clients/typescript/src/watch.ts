// Follows the session, and is the one implementation of "silence is logout".

import type { Client } from './client.js';
import { CardeaError } from './error.js';
import type { StreamEvent } from './event.js';
import { Line, type Source } from './line.js';
import { type Page, browserPage } from './page.js';
import { type Now, type Signal, Silence, type Stream, lossBy } from './silence.js';
import type { Message } from './stream.js';
import { TabLine, type Tabs, browserTabs } from './tabs.js';
import type { View } from './view.js';
import { Views } from './views.js';
import type { World } from './world.js';

/** So often the clocks are compared, in milliseconds. */
const TICK = 1_000;

/** How a page follows the session. */
export interface TabOptions {
  /** `false`: a connection for this tab alone. Otherwise the tabs of an origin share one. */
  readonly share?: boolean;
  /** The page and what its tabs meet by; the browser's own where nothing is said. */
  readonly page?: Page | undefined;
  readonly tabs?: Tabs | undefined;
}

type ViewListener = (view: View) => void;
type EventListener = (event: StreamEvent) => void;

/**
 * Follows the session. Whatever happens to agent, stream or computer, the view is right, or locked:
 * it starts as `checking`, and only what the agent says now makes it `signedIn`.
 */
export class Watch implements AsyncIterable<View> {
  readonly #client: Client;
  readonly #world: World;
  readonly #silence: Silence;
  readonly #source: Source;
  readonly #views = new Set<ViewListener>();
  readonly #events = new Set<EventListener>();
  readonly #leavePage: () => void;
  #cancelTick = () => {};
  #asking: AbortController | undefined;
  #error: CardeaError | undefined;
  #closed = false;

  constructor(client: Client, world: World, options: TabOptions = {}) {
    this.#client = client;
    this.#world = world;
    this.#silence = new Silence(this.#now(), client.environments);
    const listener = {
      heard: (message: Message, old: boolean) => this.#hear(message, old),
      lost: (error: CardeaError) => this.#lose(error),
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
    if (tabs) this.#ask();
    this.#tickLater();
  }

  /** What a program may show now. */
  get view(): View {
    return this.#silence.view;
  }

  /** Why the stream was lost last; none while it is there. */
  get error(): CardeaError | undefined {
    return this.#error;
  }

  /**
   * Calls `listener` with each view, the one of now at once; or with each event that the agent
   * tells of, after the views that follow from it. Gives what takes it back.
   */
  on(what: 'view', listener: ViewListener): () => void;
  on(what: 'event', listener: EventListener): () => void;
  on(what: 'view' | 'event', listener: ViewListener | EventListener): () => void {
    if (what === 'event') return added(this.#events, listener as EventListener);
    const take = added(this.#views, listener as ViewListener);
    (listener as ViewListener)(this.view);
    return take;
  }

  /** The views from now on, the one of now first. */
  [Symbol.asyncIterator](): AsyncIterator<View> {
    const views = new Views(() => take());
    const take = this.on('view', (view) => views.push(view));
    return views;
  }

  /** Locks, asks the agent, and decides. For programs that know of a wake that nothing else tells. */
  wake(): void {
    if (this.#closed) return;
    this.#tell({ kind: 'woken' });
    this.#source.open();
    this.#ask();
    this.#tickLater();
  }

  /** Follows no more; the view stays locked. */
  close(): void {
    this.#closed = true;
    this.#stop();
    this.#leavePage();
    this.#tell({ kind: 'lost', loss: 'silent' });
  }

  /** What a frozen page shows stays on the screen: nothing that could be wrong by then. */
  #sleep(): void {
    this.#tell({ kind: 'woken' });
    this.#stop();
  }

  #stop(): void {
    this.#source.close();
    this.#asking?.abort(new CardeaError('aborted'));
    this.#cancelTick();
  }

  #hear(message: Message, old: boolean): boolean {
    this.#error = undefined;
    const stream = this.#tell({ kind: 'event', event: message.event, old });
    if (message.event.event !== 'heartbeat') {
      for (const listener of [...this.#events]) call(listener, message.event);
    }
    return old || stream === 'stale';
  }

  #lose(error: CardeaError): void {
    this.#error = error;
    this.#tell({ kind: 'lost', loss: lossBy(error) });
  }

  #ask(): void {
    this.#asking?.abort(new CardeaError('aborted'));
    const asking = new AbortController();
    this.#asking = asking;
    this.#client.session(asking.signal).then(
      ({ snapshot }) => {
        if (!asking.signal.aborted) this.#tell({ kind: 'answer', snapshot });
      },
      (error: unknown) => {
        if (!asking.signal.aborted && error instanceof CardeaError) this.#lose(error);
      },
    );
  }

  #tell(signal: Signal): Stream {
    const stream = this.#silence.handle(signal, this.#now());
    for (const view of this.#silence.news()) {
      for (const listener of [...this.#views]) call(listener, view);
    }
    if (stream === 'stale' && !this.#closed) {
      this.#source.renew();
      this.#ask();
    }
    return stream;
  }

  #tickLater(): void {
    this.#cancelTick();
    const limit = this.#silence.decideBy ?? Infinity;
    const wait = Math.max(0, Math.min(TICK, limit - this.#world.monotonic()));
    this.#cancelTick = this.#world.after(wait, () => {
      this.#tell({ kind: 'tick' });
      if (!this.#closed) this.#tickLater();
    });
  }

  #now(): Now {
    const world = this.#world;
    return { wall: world.wall(), monotonic: world.monotonic(), throttled: world.isThrottled() };
  }
}

function added<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** One listener's mistake is not the others' loss; it is told where mistakes are told. */
function call<T>(listener: (value: T) => void, value: T): void {
  try {
    listener(value);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
