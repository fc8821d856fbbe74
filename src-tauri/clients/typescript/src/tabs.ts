// One connection for all tabs of an origin: whoever holds the lock leads and passes on what comes;
// each tab judges for itself by what it is told.

import type { Client } from './client.js';
import { CardeaError, ProblemError } from './error.js';
import { isEvent } from './event.js';
import { Line, type Listener, type Source } from './line.js';
import { LONGEST_SILENCE, type Message } from './stream.js';
import type { World } from './world.js';

/** So long without a word, and another tab takes the lead. In milliseconds. */
const LONGEST_LEAD = 15_000;

/** What tabs meet by. */
export interface Tabs {
  /** Opens the channel of this name to the other tabs. */
  channel(name: string): Channel;
  /**
   * Waits for the lock of this name and holds it while `lead` lasts; with `steal` it is taken from
   * its holder, whose promise then fails. The browser frees it when the tab goes.
   */
  lock(name: string, options: { signal?: AbortSignal; steal?: boolean }, lead: () => Promise<void>): Promise<void>;
}

export interface Channel {
  postMessage(message: unknown): void;
  onmessage: ((event: { data: unknown }) => void) | null;
  close(): void;
}

/** The browser's, where it has both. */
export function browserTabs(): Tabs | undefined {
  if (typeof document === 'undefined') return undefined;
  const locks = navigator.locks as LockManager | undefined;
  if (!locks || typeof BroadcastChannel === 'undefined') return undefined;
  return {
    channel: (name) => new BroadcastChannel(name) as unknown as Channel,
    lock: async (name, options, lead) => {
      await locks.request(name, options, lead);
    },
  };
}

/** What a leader says. */
type Word =
  /** I lead from now on. */
  | { readonly kind: 'lead' }
  /** I lead no more. */
  | { readonly kind: 'bye' }
  | { readonly kind: 'heard'; readonly message: Message; readonly old: boolean }
  | { readonly kind: 'lost'; readonly code: string; readonly status?: number | undefined };

export class TabLine implements Source {
  #run: Run | undefined;
  #resume: string | undefined;

  constructor(
    private readonly client: Client,
    private readonly world: World,
    private readonly listener: Listener,
    private readonly tabs: Tabs,
  ) {}

  open(): void {
    if (this.#run) return;
    const hear = {
      heard: (message: Message, old: boolean) => {
        this.#resume = message.id ?? this.#resume;
        return this.listener.heard(message, old);
      },
      lost: (error: CardeaError) => this.listener.lost(error),
    };
    this.#run = new Run(this.client, this.world, hear, this.tabs, () => this.#resume);
  }

  /** A leader's stream may be old; a follower's questions to the agent are its watch's to ask. */
  renew(): void {
    this.open();
    this.#run?.renew();
  }

  close(): void {
    this.#run?.end();
    this.#run = undefined;
  }
}

/** From one `open` to the next `close`. */
class Run {
  readonly #ended = new AbortController();
  /** Waits for the lead, or has it. */
  #turn: AbortController | undefined;
  #channel: Channel | undefined;
  #line: Line | undefined;
  /** Leads no more. */
  #abdicate: (() => void) | undefined;
  #cancelTakeover = () => {};
  #cancelSilence = () => {};

  constructor(
    private readonly client: Client,
    private readonly world: World,
    private readonly listener: Listener,
    private readonly tabs: Tabs,
    private readonly resume: () => string | undefined,
  ) {
    this.#join().catch((error: unknown) => {
      if (this.#ended.signal.aborted) return;
      if (error instanceof CardeaError) this.listener.lost(error);
      // Tabs that cannot meet have a connection each.
      this.#lead();
    });
  }

  renew(): void {
    this.#line?.renew();
  }

  end(): void {
    this.#ended.abort(new CardeaError('aborted'));
    this.#turn?.abort();
    this.#cancelTakeover();
    this.#cancelSilence();
    if (this.#line) this.#say({ kind: 'bye' });
    this.#line?.close();
    this.#line = undefined;
    this.#abdicate?.();
    if (this.#channel) {
      this.#channel.onmessage = null;
      this.#channel.close();
    }
  }

  async #join(): Promise<void> {
    const name = `cardea:${await this.client.meetingPlace()}`;
    if (this.#ended.signal.aborted) return;
    this.#channel = this.tabs.channel(name);
    this.#channel.onmessage = ({ data }) => this.#hear(data);
    this.#expect(name);
    await this.#compete(name, 'wait');
  }

  /** Waits for its turn, and leads until it ends or another tab takes the lead from it. */
  async #compete(name: string, how: 'wait' | 'steal'): Promise<void> {
    this.#turn?.abort();
    const turn = new AbortController();
    this.#turn = turn;
    let led = false;
    try {
      const options = how === 'steal' ? { steal: true } : { signal: turn.signal };
      await this.tabs.lock(name, options, async () => {
        if (turn.signal.aborted) return;
        led = true;
        this.#say({ kind: 'lead' });
        // For whoever leads anew, as for those who hear of it, the old line is lost.
        this.listener.lost(new CardeaError('closed'));
        this.#lead();
        await new Promise<void>((resolve) => {
          this.#abdicate = resolve;
        });
      });
    } catch (error) {
      if (!led && !turn.signal.aborted) throw error;
    }
    if (turn.signal.aborted) return;
    this.#line?.close();
    this.#line = undefined;
    this.#expect(name);
    await this.#compete(name, 'wait');
  }

  #lead(): void {
    this.#cancelTakeover();
    this.#cancelSilence();
    const pass = {
      heard: (message: Message, old: boolean) => {
        const turnedOutOld = this.listener.heard(message, old);
        this.#say({ kind: 'heard', message, old: turnedOutOld });
        return turnedOutOld;
      },
      lost: (error: CardeaError) => {
        const status = error instanceof ProblemError ? error.status : undefined;
        this.#say({ kind: 'lost', code: error.code, status });
        this.listener.lost(error);
      },
    };
    this.#line = new Line(this.client, this.world, pass, this.resume());
    this.#line.open();
  }

  #say(word: Word): void {
    this.#channel?.postMessage(word);
  }

  #hear(data: unknown): void {
    if (this.#line || this.#ended.signal.aborted || !isWord(data)) return;
    this.#listen();
    if (data.kind === 'heard') this.listener.heard(data.message, data.old);
    else if (data.kind === 'lost') this.listener.lost(errorBy(data));
    else this.listener.lost(new CardeaError('closed'));
  }

  #listen = () => {};

  /** From each word on, the next is expected within the limits. */
  #expect(name: string): void {
    this.#listen = () => {
      this.#cancelTakeover();
      this.#cancelSilence();
      this.#cancelTakeover = this.world.after(LONGEST_LEAD, () => {
        void this.#compete(name, 'steal').catch(() => {});
      });
      this.#cancelSilence = this.world.after(LONGEST_SILENCE, () => {
        this.listener.lost(new CardeaError('silent'));
      });
    };
    this.#listen();
  }
}

function isWord(data: unknown): data is Word {
  if (typeof data !== 'object' || data === null || !('kind' in data)) return false;
  const { kind, message, old, code } = data as Record<string, unknown>;
  if (kind === 'lead' || kind === 'bye') return true;
  if (kind === 'lost') return typeof code === 'string';
  const { event, id } = (message ?? {}) as Record<string, unknown>;
  return kind === 'heard' && typeof old === 'boolean' && isEvent(event)
    && (id === undefined || typeof id === 'string');
}

function errorBy(word: { code: string; status?: number | undefined }): CardeaError {
  const { code, status } = word;
  return status === undefined
    ? new CardeaError(code)
    : new ProblemError(status, code, code, undefined, undefined);
}
