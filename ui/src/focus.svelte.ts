// The focus does not get lost with what had it.

import { tick, untrack } from 'svelte';

/** When `watch` changes and what had the focus within `around` is gone after that, `next` gets it. */
export function keepFocus(
  watch: () => unknown, around: () => HTMLElement | undefined, next: () => HTMLElement | null | undefined,
): void {
  $effect.pre(() => {
    watch();
    const { activeElement } = document;
    const had = untrack(around)?.contains(activeElement) ? activeElement : null;
    void tick().then(() => {
      if (had?.isConnected === false) next()?.focus();
    });
  });
}
