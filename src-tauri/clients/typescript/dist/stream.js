// The event stream, read message by message.
import { CardeaError } from './error.js';
import { readEvent } from './event.js';
import { Parser } from './parser.js';
/** So long without a byte, and the agent counts as gone (contract, section 4.4), in milliseconds. */
export const LONGEST_SILENCE = 30_000;
/** The messages of an open stream, heartbeats among them. It never ends but by an error. */
export async function* messages(world, body, run) {
    const reader = body.getReader();
    const drop = () => void reader.cancel().catch(() => { });
    run.signal.addEventListener('abort', drop, { once: true });
    const parser = new Parser();
    let cancel = () => { };
    const listen = () => {
        cancel();
        cancel = world.after(LONGEST_SILENCE, () => run.abort(new CardeaError('silent')));
    };
    listen();
    try {
        for (;;) {
            const { done, value } = await reader.read().catch(() => {
                throw run.signal.aborted ? run.signal.reason : new CardeaError('connection');
            });
            if (run.signal.aborted)
                throw run.signal.reason;
            if (done)
                throw new CardeaError('closed');
            listen();
            for (const { id, data } of parser.read(value)) {
                yield { event: readEvent(data), id };
                if (run.signal.aborted)
                    throw run.signal.reason;
            }
        }
    }
    finally {
        cancel();
        drop();
    }
}
