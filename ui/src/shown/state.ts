// The state of the workstation in words.

import type { Snapshot } from '../api/snapshot.ts';
import { wordFor, words } from '../strings/index.ts';

export function stateText({ state, session, readers }: Snapshot): string {
  // A card that cannot be read is none to the agent, but not to who has inserted it.
  if (state === 'no_card' && readers.some((reader) => reader.state === 'mute')) return words.states['mute'] ?? '';
  return wordFor(words.states, state === 'active' && !session ? 'unknown' : state);
}

/** What to do next; a failure says so itself. */
export function stateHint({ state, failure }: Snapshot): string | undefined {
  return failure ? undefined : words.hints[state];
}
