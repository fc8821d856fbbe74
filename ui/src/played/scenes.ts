// Views to be played. Everything in them is made up.

import type { Reader, Role, Session, Snapshot, View } from '../api/snapshot.ts';

/** When the play begins. */
export const START = Date.parse('2026-01-05T09:20:00Z');

export const timeAt = (seconds: number) => new Date(START + seconds * 1_000).toISOString();

const KEYBOARD = 'Cherry KC 1000 SC 00 00';
const OMNIKEY = 'HID OMNIKEY 3x21 Smart Card Reader 01 00';
const CARD: Reader = { name: OMNIKEY, state: 'present', card: { recognised: true, name: 'NHS Smartcard (series 8)' } };
const HELLO: Reader = { name: 'Windows Hello for Business 1', state: 'ignored' };

const readers = (first: Reader, ...others: Reader[]): Reader[] => [first, ...others, HELLO];

const role = (person_roleid: string, role_code: string, display_name: string): Role => ({
  person_roleid, person_orgid: 'o1', role_code, display_name, role_name: `"Example":"Example":"${display_name}"`,
  org_code: 'A99999', org_name: 'The Example Practice',
});

const SESSION: Session = {
  id: 's1', started_at: timeAt(-1_200), expires_at: timeAt(42_000), idle_expires_at: timeAt(860),
  id_token_expires_at: timeAt(2_400), auth_time: timeAt(-1_205), authentication_assurance_level: 3, id_assurance_level: 3,
  card_bound: true, readers: [OMNIKEY],
  user: {
    id: '555000000001', name: 'Ada Example', given_name: 'Ada', family_name: 'Example', selected_roleid: 'r1',
    roles: [
      role('r1', 'S8000:G8000:R8001', 'Nurse Access Role'),
      role('r2', 'S8000:G8001:R8008', 'Admin/Clinical Support Access Role'),
    ],
  },
};

let revision = 0;
const view = (more: Partial<Snapshot>, around: Partial<View> = {}): View => ({
  agent: 'running',
  snapshot: {
    boot: 'b1', revision: ++revision, environment: 'simulated', issuer: 'http://127.0.0.1/', state: 'no_card', since: timeAt(-1_200),
    readers: readers({ name: OMNIKEY, state: 'empty' }), ...more,
  },
  pairings: 0,
  server_time: timeAt(0),
  ...around,
});

const active = (more: Partial<Session> = {}, others: Partial<Snapshot> = {}, around: Partial<View> = {}) =>
  view({ state: 'active', readers: readers(CARD), session: { ...SESSION, ...more }, ...others }, around);

const ended = (reason: string) => ({ session_id: 's1', reason, at: timeAt(0) });
const login = (waiting: string) => ({ attempt: 'a1', started_at: timeAt(0), waiting });

export const SCENES = {
  no_reader: () => view({ state: 'no_reader', readers: [HELLO] }),
  no_card: () => view({}),
  card: () => view({ state: 'card_present', readers: readers(CARD, { name: KEYBOARD, state: 'empty' }) }),
  signing_in: () => view({ state: 'signing_in', readers: readers(CARD), login: login('browser') }),
  waiting: () => view({ state: 'signing_in', readers: readers(CARD), login: login('port') }),
  signed_in: () => active(),
  other_role: () => active({ user: { ...SESSION.user!, selected_roleid: 'r2' } }),
  changing_role: () => active({}, { login: login('browser') }),
  unbound: () => active({ card_bound: false, readers: [] }),
  expiring: () => active({ idle_expires_at: timeAt(60), expiring: true }),
  expiring_lifetime: () => active({ expires_at: timeAt(60), expiring: true }),
  other_user: () => active({ id: 's2', user: { id: '555000000002', name: 'Ben Other' } }, { last_end: ended('replaced') }),
  card_removed: () => view({ last_end: ended('card_removed') }),
  idle: () => view({ state: 'card_present', readers: readers(CARD), last_end: ended('idle_timeout') }),
  unreadable: () => view({
    readers: readers({ name: OMNIKEY, state: 'mute' }, { name: KEYBOARD, state: 'unavailable' }),
    failure: {
      code: 'card_unreadable', message: 'The card in the reader cannot be read.',
      remedy: 'Take the card out, check that the chip goes in first and faces the right way, and insert it again. Try another reader or card.',
    },
  }),
  service_stopped: () => view({
    state: 'unavailable', readers: [],
    failure: {
      code: 'card_service_stopped', message: 'The smartcard service of this computer is not running.',
      remedy: 'Start the Smart Card service (Windows: SCardSvr; Linux: pcscd). Cardea goes on by itself when it is back.',
    },
  }),
  pairing: () => active({}, {}, { pairings: 2 }),
  starting: () => view({}, { agent: 'starting', snapshot: null }),
  restarting: () => view({}, { agent: 'restarting', snapshot: null }),
  down: () => view({}, { agent: 'down', snapshot: null }),
};

export type Scene = keyof typeof SCENES;
