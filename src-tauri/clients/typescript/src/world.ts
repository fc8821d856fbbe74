// What this library needs of its surroundings; tests put their own in its place.

export interface World {
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** Milliseconds that never go back. */
  monotonic(): number;
  /** Milliseconds since 1970, as the user's clock has them. */
  wall(): number;
  /** Calls `f` once after so many milliseconds; what it gives takes that back. */
  after(milliseconds: number, f: () => void): () => void;
  /** Whether timers may come late though nothing slept: browsers slow hidden pages down. */
  isThrottled(): boolean;
}

/** Waits so long, or until `signal` says to wait no more. */
export function pause(world: World, milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      cancel();
      signal?.removeEventListener('abort', go);
      resolve();
    };
    const cancel = world.after(milliseconds, go);
    if (signal?.aborted) go();
    else signal?.addEventListener('abort', go);
  });
}

export const system: World = {
  fetch: (url, init) => globalThis.fetch(url, init),
  monotonic: () => performance.now(),
  wall: () => Date.now(),
  after: (milliseconds, f) => {
    const timer = setTimeout(f, milliseconds);
    return () => clearTimeout(timer);
  },
  isThrottled: () => typeof document !== 'undefined' && document.visibilityState === 'hidden',
};
