// What this library needs of its surroundings; tests put their own in its place.
/** Waits so long, or until `signal` says to wait no more. */
export function pause(world, milliseconds, signal) {
    return new Promise((resolve) => {
        const go = () => {
            cancel();
            signal?.removeEventListener('abort', go);
            resolve();
        };
        const cancel = world.after(milliseconds, go);
        if (signal?.aborted)
            go();
        else
            signal?.addEventListener('abort', go);
    });
}
export const system = {
    fetch: (url, init) => globalThis.fetch(url, init),
    monotonic: () => performance.now(),
    wall: () => Date.now(),
    after: (milliseconds, f) => {
        const timer = setTimeout(f, milliseconds);
        return () => clearTimeout(timer);
    },
    isThrottled: () => typeof document !== 'undefined' && document.visibilityState === 'hidden',
};
