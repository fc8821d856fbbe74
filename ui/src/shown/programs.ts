// Programs and their requests in words.

import type { ActivityEntry, AppListing, PairingListing } from '../api/answers.ts';
import { words } from '../strings/index.ts';
import { moment } from './time.ts';

/** Who asks, as far as it is known: `label` and `value` pairs, the claimed name last. */
export function whoAsks({ from, name }: PairingListing): { label: string; value: string }[] {
  const { asks } = words.programs;
  const known = from.origin !== undefined
    ? [{ label: asks.origin, value: from.origin }]
    : [
        { label: asks.program, value: from.program ?? asks.unknown },
        { label: asks.signer, value: from.signer ?? asks.unsigned },
      ];
  return [...known, { label: asks.name, value: `“${name}”` }];
}

/** The same on a few words, for buttons. */
export function askerOf({ from }: PairingListing): string {
  return from.origin ?? from.program ?? words.programs.asks.unknown;
}

/** Where the program calls from. */
export function homeOf({ origins, program }: AppListing): string {
  return origins.length > 0 ? origins.join(', ') : program ?? words.programs.asks.unknown;
}

/** Whether it was let in by the user, who may also shut it out. */
export function isRevocable({ source }: AppListing): boolean {
  return source === 'paired' || source === 'added';
}

export function scopeText(scope: string): string {
  return words.programs.scopes[scope] ?? scope;
}

/** How often the program took the ID token, by the events that are kept. */
export function tokensReleased(app: string, activity: readonly ActivityEntry[]): string {
  const releases = activity.filter((entry) => entry.action === 'token_release' && entry.app === app);
  const last = releases.at(-1);
  return last ? words.programs.tokensReleased(releases.length, moment(last.at)) : words.programs.noTokens;
}

/** The digits of what was typed or pasted, six at most. */
export function codeDigits(typed: string): string {
  return typed.replace(/\D/g, '').slice(0, 6);
}
