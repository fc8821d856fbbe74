// Views as they come, one after the other.

import { CHECKING, type View } from './view.js';

/** So many may wait; whoever takes longer sees that it was locked, and what is now. */
const MOST_WAITING = 16;

export class Views implements AsyncIterator<View> {
  #waiting: View[] = [];
  #taker: ((result: IteratorResult<View>) => void) | undefined;
  #done = false;

  constructor(private readonly stop: () => void) {}

  push(view: View): void {
    if (this.#done) return;
    const taker = this.#taker;
    this.#taker = undefined;
    if (taker) return taker({ done: false, value: view });
    this.#waiting.push(view);
    if (this.#waiting.length > MOST_WAITING) this.#waiting = [CHECKING, view];
  }

  async next(): Promise<IteratorResult<View>> {
    if (this.#done) return { done: true, value: undefined };
    const value = this.#waiting.shift();
    if (value) return { done: false, value };
    return new Promise((resolve) => {
      this.#taker = resolve;
    });
  }

  async return(): Promise<IteratorResult<View>> {
    this.#done = true;
    this.#waiting = [];
    this.stop();
    this.#taker?.({ done: true, value: undefined });
    return { done: true, value: undefined };
  }
}
