// Views as they come, one after the other.
import { CHECKING } from './view.js';
/** So many may wait; whoever takes longer sees that it was locked, and what is now. */
const MOST_WAITING = 16;
export class Views {
    stop;
    #waiting = [];
    #taker;
    #done = false;
    constructor(stop) {
        this.stop = stop;
    }
    push(view) {
        if (this.#done)
            return;
        const taker = this.#taker;
        this.#taker = undefined;
        if (taker)
            return taker({ done: false, value: view });
        this.#waiting.push(view);
        if (this.#waiting.length > MOST_WAITING)
            this.#waiting = [CHECKING, view];
    }
    async next() {
        if (this.#done)
            return { done: true, value: undefined };
        const value = this.#waiting.shift();
        if (value)
            return { done: false, value };
        return new Promise((resolve) => {
            this.#taker = resolve;
        });
    }
    async return() {
        this.#done = true;
        this.#waiting = [];
        this.stop();
        this.#taker?.({ done: true, value: undefined });
        return { done: true, value: undefined };
    }
}
