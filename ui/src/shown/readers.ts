// Readers as they are shown, with what only the doctor says: why one is ignored, and a card's ATR.

import type { Diagnostics } from '../api/answers.ts';
import type { Reader, Session } from '../api/snapshot.ts';
import { wordFor, words } from '../strings/index.ts';
import type { Examination } from './examination.ts';

export interface ShownReader {
  readonly name: string;
  readonly state: string;
  readonly stateText: string;
  readonly card?: string;
  readonly atr?: string;
  /** Why it is ignored, or what to do. */
  readonly hint?: string;
  readonly bound: boolean;
}

const ATR = /\bATR ((?:[0-9A-F]{2} ?)+)/;

export function shownReader(
  reader: Reader, session: Session | undefined, examined?: Examination, diagnostics?: Diagnostics,
): ShownReader {
  const { name, state, card } = reader;
  const lines = (check: string) => detailsAbout(name, check, examined);
  const atr = state === 'present' ? lines('card').map((line) => ATR.exec(line)?.[1]?.trim()).find(Boolean) : undefined;
  const hint = state === 'ignored' ? whyIgnored(lines('readers'), diagnostics) : words.readers.hints[state];
  return {
    name,
    state,
    stateText: wordFor(words.readers.states, state),
    ...(card && { card: card.name ?? (card.recognised ? words.readers.recognised : words.readers.unrecognised) }),
    ...(atr && { atr }),
    ...(hint && { hint }),
    bound: state === 'present' && session?.card_bound === true && session.readers.includes(name),
  };
}

/** What the check says about the reader: its lines begin with the reader's name. */
function detailsAbout(reader: string, check: string, examined: Examination | undefined): string[] {
  const report = examined?.checks.find(({ id }) => id === check)?.report;
  const start = `${reader}: `;
  return (report?.details ?? []).filter((line) => line.startsWith(start)).map((line) => line.slice(start.length));
}

function whyIgnored(lines: string[], diagnostics: Diagnostics | undefined): string {
  const [said] = lines;
  if (said) return said.charAt(0).toUpperCase() + said.slice(1);
  const setting = diagnostics?.settings.find(({ key }) => key === 'card.ignore_readers');
  return setting ? `${words.readers.ignoredBySetting}: ${setting.value}` : words.readers.ignoredBySetting;
}
