// What was rejected, as something that can be shown.

import type { Failure } from '../api/snapshot.ts';
import { words } from '../strings/index.ts';

export function failureOf(rejection: unknown): Failure {
  const { code, message, remedy } = (rejection ?? {}) as Partial<Record<keyof Failure, unknown>>;
  const text = (value: unknown, otherwise: string) => (typeof value === 'string' && value ? value : otherwise);
  return {
    code: text(code, 'unexpected'),
    // An `Error` has a message too, but one for developers.
    message: typeof remedy === 'string' ? text(message, words.failure.unexpected) : words.failure.unexpected,
    remedy: text(remedy, words.failure.unexpectedRemedy),
  };
}
