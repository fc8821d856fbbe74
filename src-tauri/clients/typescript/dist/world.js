// What this library needs of its surroundings; tests put their own in its place.
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
