// An answer of the backend that is asked for anew whenever something changes.

import type { Failure } from './api/snapshot.ts';
import { failureOf } from './shown/failure.ts';

export class Asked<T> {
  /** Absent until the first answer. */
  answer = $state.raw<T | undefined>();
  failure = $state.raw<Failure | undefined>();
  #asked = 0;

  constructor(private readonly ask: () => Promise<T>) {}

  async again(): Promise<void> {
    const number = ++this.#asked;
    try {
      const answer = await this.ask();
      if (number !== this.#asked) return;
      this.answer = answer;
      this.failure = undefined;
    } catch (rejection) {
      if (number === this.#asked) this.failure = failureOf(rejection);
    }
  }

  /** Takes what came another way. */
  put(answer: T): void {
    this.#asked += 1;
    this.answer = answer;
    this.failure = undefined;
  }
}
