// Messages of the event stream (contract, section 4.3).
import { CardeaError } from './error.js';
import { isSnapshot } from './snapshot.js';
/** Reads the data of a message; what is none is an error. */
export function readEvent(data) {
    let value;
    try {
        value = JSON.parse(data);
    }
    catch {
        throw new CardeaError('answer');
    }
    if (!isEvent(value))
        throw new CardeaError('answer');
    return value;
}
/** Whether a value can be taken for a message. */
export function isEvent(value) {
    if (typeof value !== 'object' || value === null)
        return false;
    const { event, boot, revision, replayed, reason, snapshot } = value;
    return typeof event === 'string' && typeof boot === 'string' && Number.isSafeInteger(revision)
        && (replayed === undefined || typeof replayed === 'boolean')
        && (reason === undefined || reason === null || typeof reason === 'string')
        && (snapshot === undefined || isSnapshot(snapshot));
}
