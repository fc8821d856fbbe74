// What a screen reader says when something changes: what is urgent interrupts, the rest waits.

import { type Reader, type Session, type View, sessionOf } from '../api/snapshot.ts';
import { wordFor, words } from '../strings/index.ts';
import { type Ending, endingOf } from './ending.ts';
import { personOf, sentence } from './person.ts';
import { duration } from './time.ts';

export interface Announcement {
  readonly urgency: 'status' | 'alert';
  readonly text: string;
}

const { announced } = words;
const status = (text: string): Announcement => ({ urgency: 'status', text });
const alert = (text: string): Announcement => ({ urgency: 'alert', text });

/** What to say when `after` follows `before`; nothing of the first view, which the page itself shows. */
export function changes(before: View | null, after: View): Announcement[] {
  if (!before) return [];
  return [
    ...agentChanges(before, after),
    ...sessionChanges(before, after),
    ...failureChanges(before, after),
    ...loginChanges(before, after),
    ...readerChanges(before, after),
    ...(after.pairings > before.pairings ? [status(announced.pairing)] : []),
  ];
}

/** What to say of the session's end coming near, or of its being put off. */
export function endingChange(
  session: Session | undefined, warned: Ending | undefined, now: number,
): { warned: Ending | undefined; say: Announcement[] } {
  if (!session) return { warned: undefined, say: [] };
  const ending = endingOf(session, now);
  if (ending.near) return { warned: ending, say: warned ? [] : [alert(expiringText(ending))] };
  return { warned: undefined, say: warned ? [status(announced.stays)] : [] };
}

function expiringText({ by, left }: Ending): string {
  const why = by === 'idle' ? words.now.expiringIdle : words.now.expiringLifetime;
  return announced.expiring(duration(left), why);
}

function agentChanges(before: View, after: View): Announcement[] {
  if (before.agent === after.agent) return [];
  if (after.agent === 'running') return [status(words.agents.running)];
  const { message, remedy } = words.agents[after.agent];
  return [alert(announced.failure(message, remedy))];
}

function sessionChanges(before: View, after: View): Announcement[] {
  const [old, now] = [sessionOf(before), sessionOf(after)];
  if (!old && !now) return [];
  if (old && now && old.id === now.id) return roleChange(old, now);
  const said: Announcement[] = [];
  // Of a lost agent it is said what there is to say.
  if (old && after.agent === 'running') said.push(alert(announced.signedOut(reasonOf(after, old, now))));
  if (now) said.push(status(announced.signedIn(whoIn(now))));
  return said;
}

function reasonOf(after: View, old: Session, now: Session | undefined): string {
  const end = after.snapshot?.last_end;
  if (end?.session_id === old.id) return wordFor(words.ends, end.reason);
  return wordFor(words.ends, now ? 'replaced' : 'unknown');
}

function roleChange(old: Session, now: Session): Announcement[] {
  if (old.user?.selected_roleid === now.user?.selected_roleid) return [];
  return [status(announced.roleChanged(whoIn(now)))];
}

function whoIn({ user }: Session): string {
  return user ? sentence(personOf(user)) : words.states['active'] ?? '';
}

function failureChanges(before: View, after: View): Announcement[] {
  const [old, now] = [before.snapshot?.failure, after.snapshot?.failure];
  if (!now || (old && old.code === now.code && old.remedy === now.remedy)) return [];
  return [alert(announced.failure(now.message, now.remedy))];
}

function loginChanges(before: View, after: View): Announcement[] {
  const [old, now] = [before.snapshot?.login, after.snapshot?.login];
  if (!now || (old?.attempt === now.attempt && old.waiting === now.waiting)) return [];
  return [status(announced.signingIn(words.now.waiting[now.waiting] ?? ''))];
}

function readerChanges(before: View, after: View): Announcement[] {
  // What is not known of an agent that is away has not gone.
  if (!before.snapshot || !after.snapshot) return [];
  const counting = (view: View) => new Map(
    (view.snapshot?.readers ?? []).filter(({ state }) => state !== 'ignored').map((reader) => [reader.name, reader]),
  );
  const [old, now] = [counting(before), counting(after)];
  return [
    ...[...old.keys()].filter((name) => !now.has(name)).map((name) => status(announced.readerGone(name))),
    ...[...now.values()].flatMap((reader) => readerChange(old.get(reader.name), reader)),
  ];
}

function readerChange(old: Reader | undefined, { name, state }: Reader): Announcement[] {
  if (old?.state === state) return [];
  const said = old ? [] : [status(announced.readerSeen(name))];
  if (state === 'present') said.push(status(announced.cardSeen(name)));
  else if (state === 'mute') said.push(status(announced.cardMute(name)));
  else if (old?.state === 'present' || old?.state === 'mute') said.push(status(announced.cardGone(name)));
  return said;
}
