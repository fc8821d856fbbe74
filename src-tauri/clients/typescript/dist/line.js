// A connection of one's own that carries the event stream, opened anew whenever it is lost.
import { CardeaError } from './error.js';
import { lossBy } from './silence.js';
import { pause } from './world.js';
export class Line {
    client;
    world;
    listener;
    resume;
    #run;
    constructor(client, world, listener, resume) {
        this.client = client;
        this.world = world;
        this.listener = listener;
        this.resume = resume;
    }
    open() {
        if (!this.#run)
            this.renew();
    }
    renew() {
        this.close();
        const run = new AbortController();
        this.#run = run;
        void this.#live(run.signal);
    }
    close() {
        this.#run?.abort(new CardeaError('aborted'));
        this.#run = undefined;
    }
    async #live(signal) {
        for (let failures = 0; !signal.aborted; failures += 1) {
            try {
                for await (const message of this.client.events(this.resume, signal)) {
                    if (signal.aborted)
                        return;
                    failures = -1;
                    this.resume = message.id ?? this.resume;
                    this.listener.heard(message, false);
                }
            }
            catch (error) {
                if (signal.aborted)
                    return;
                const why = error instanceof CardeaError ? error : new CardeaError('connection');
                this.listener.lost(why);
                await pause(this.world, pauseBeforeRetry(why, Math.max(0, failures)), signal);
            }
        }
    }
}
/** Quick while the session may still be saved, slow when it is over anyway. In milliseconds. */
function pauseBeforeRetry(error, failures) {
    if (lossBy(error) === 'refused')
        return 5_000;
    if (failures === 0)
        return 50;
    if (failures <= 15)
        return 200;
    return failures <= 60 ? 1_000 : 5_000;
}
