// Something that the user asked for: under way, or failed.

import type { Failure } from './api/snapshot.ts';
import { failureOf } from './shown/failure.ts';

export class Doing {
  busy = $state(false);
  failure = $state.raw<Failure | undefined>();

  /** Does it, unless something is under way; answers whether it succeeded. */
  async run(action: () => Promise<unknown>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.failure = undefined;
    try {
      await action();
      return true;
    } catch (rejection) {
      this.failure = failureOf(rejection);
      return false;
    } finally {
      this.busy = false;
    }
  }
}
