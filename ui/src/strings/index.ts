// The language of the window: English only for now.

import { en } from './en.ts';

export const words: typeof en = en;

/** The word for `key`, or that of a key that is not known: newer agents may say more. */
export function wordFor(list: Record<string, string>, key: string): string {
  return list[key] ?? list['unknown'] ?? key;
}
