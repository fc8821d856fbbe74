// Finds the one among several places that is this user's agent.
import { CardeaError } from './error.js';
/** So long one place is waited for before the next is tried beside it, in milliseconds. */
const PATIENCE = 200;
/** The first place that `prove` holds for; they are tried in order. */
export function firstProven(world, places, prove) {
    return new Promise((resolve, reject) => {
        const waiting = [...places];
        let asked = 0;
        let wrong;
        let cancel = () => { };
        const tryNext = () => {
            cancel();
            const place = waiting.shift();
            if (!place) {
                if (asked === 0)
                    reject(wrong ?? new CardeaError('not_running'));
                return;
            }
            asked += 1;
            cancel = world.after(PATIENCE, tryNext);
            prove(place).then(() => {
                cancel();
                waiting.length = 0;
                resolve(place);
            }, (error) => {
                // That somebody is there and is not the agent says more than that nobody is.
                if (error instanceof CardeaError && error.code !== 'not_running')
                    wrong = error;
                asked -= 1;
                tryNext();
            });
        };
        tryNext();
    });
}
