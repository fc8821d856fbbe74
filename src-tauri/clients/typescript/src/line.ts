// A connection of one's own that carries the event stream, opened anew whenever it is lost.

import type { Client } from './client.js';
import { CardeaError } from './error.js';
import { lossBy } from './silence.js';
import type { Message } from './stream.js';
import { type World, pause } from './world.js';

/** Who is told what comes over a line. */
export interface Listener {
  /** A message; `old` when it may have been under way for long. Says whether it turned out so. */
  heard(message: Message, old: boolean): boolean;
  lost(error: CardeaError): void;
}

/** Where messages come from: a line of one's own, or one that tabs share. */
export interface Source {
  /** Starts, unless it runs. */
  open(): void;
  /** Drops what is under way, because it may be old, and starts anew. */
  renew(): void;
  /** Stops; `open` starts again. */
  close(): void;
}

export class Line implements Source {
  #run: AbortController | undefined;

  constructor(
    private readonly client: Client,
    private readonly world: World,
    private readonly listener: Listener,
    private resume?: string,
  ) {}

  open(): void {
    if (!this.#run) this.renew();
  }

  renew(): void {
    this.close();
    const run = new AbortController();
    this.#run = run;
    void this.#live(run.signal);
  }

  close(): void {
    this.#run?.abort(new CardeaError('aborted'));
    this.#run = undefined;
  }

  async #live(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; failures += 1) {
      try {
        for await (const message of this.client.events(this.resume, signal)) {
          if (signal.aborted) return;
          failures = -1;
          this.resume = message.id ?? this.resume;
          this.listener.heard(message, false);
        }
      } catch (error) {
        if (signal.aborted) return;
        const why = error instanceof CardeaError ? error : new CardeaError('connection');
        this.listener.lost(why);
        await pause(this.world, pauseBeforeRetry(why, Math.max(0, failures)), signal);
      }
    }
  }
}

/** Quick while the session may still be saved, slow when it is over anyway. In milliseconds. */
function pauseBeforeRetry(error: CardeaError, failures: number): number {
  if (lossBy(error) === 'refused') return 5_000;
  if (failures === 0) return 50;
  if (failures <= 15) return 200;
  return failures <= 60 ? 1_000 : 5_000;
}
