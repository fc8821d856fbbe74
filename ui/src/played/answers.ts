// What the played agent answers beside its view. Everything is made up.

import type {
  ActivityEntry, AppListing, CheckReport, Diagnostics, PairingListing, SettingRow, Settings,
} from '../api/answers.ts';
import { timeAt } from './scenes.ts';

export const APPS: AppListing[] = [
  {
    id: 'gp', name: 'Example GP System', origins: ['https://gp.example', 'https://gp-test.example'], source: 'policy',
    scopes: ['session:read', 'identity:read', 'session:control', 'session:activity', 'tokens:read'], last_used_at: timeAt(-5),
  },
  {
    id: 'p-1', name: 'Document workflow', origins: [], program: 'C:\\Program Files\\Example\\Documents\\documents.exe',
    scopes: ['session:read'], source: 'paired', added_at: timeAt(-86_400 * 40), last_used_at: timeAt(-3_600),
  },
];

export const PAIRINGS: PairingListing[] = [
  { id: 'q1', name: 'Dictation', from: { origin: 'https://dictation.example' }, scopes: ['session:read', 'identity:read'], seconds_left: 104 },
  {
    id: 'q2', name: 'Recall letters', scopes: ['session:read'], seconds_left: 61,
    from: { program: 'C:\\Program Files\\Example\\Letters\\letters.exe', signer: 'Example Software Ltd' },
  },
];

export const ACTIVITY: ActivityEntry[] = [
  { at: timeAt(-90_000), action: 'session_started', session_id: 's8' },
  { at: timeAt(-86_000), action: 'session_ended', session_id: 's8', reason: 'card_removed' },
  { at: timeAt(-4_000), action: 'pairing' },
  { at: timeAt(-3_960), action: 'grant', app: 'p-1' },
  { at: timeAt(-1_260), action: 'login_refused', reason: 'login_timed_out' },
  { at: timeAt(-1_200), action: 'session_started', session_id: 's1' },
  { at: timeAt(-1_190), action: 'token_release', app: 'gp', session_id: 's1' },
];

const READER = 'HID OMNIKEY 3x21 Smart Card Reader 01 00';
const TOOK_US = [2_300, 1_900, 2_750, 4_100, 2_050, 1_800, 2_600, 11_900, 2_200, 2_400, 1_950, 2_150];

export const DIAGNOSTICS: Diagnostics = {
  readers: [],
  removals: TOOK_US.map((published_after_us, index) => ({ at: timeAt(-90_000 + index * 7_000), reader: READER, published_after_us })),
  settings: [{ key: 'card.ignore_readers', value: '["Windows Hello*", "*Virtual Smart Card*"]', origin: 'default' }],
  uptime_s: 90_000,
  version: '0.1.0',
};

const POLICY = 'HKLM\\Software\\Policies\\Cardea';
const held = (key: string, value: string, table: string, value_name: string): SettingRow =>
  ({ key, value, place: 'policy', path: `${POLICY}\\${table}`, value_name });
const kept = (key: string, value: string): SettingRow => ({ key, value, place: 'default' });

export const SETTINGS: Settings = {
  rows: [
    held('cis2.environment', '"int"', 'cis2', 'environment'),
    held('cis2.client_id', '"0000000000.apps.national"', 'cis2', 'client_id'),
    kept('cis2.redirect_ports', '[28117, 28217, 28317]'),
    kept('cis2.scopes', '["openid", "profile", "nhsperson", "nationalrbacaccess", "associatedorgs", "selectedrole"]'),
    kept('card.ignore_readers', '["Windows Hello*", "*Virtual Smart Card*"]'),
    { key: 'card.on_removal', value: '"logout"', place: 'installation', path: 'HKLM\\Software\\Cardea\\card', value_name: 'on_removal' },
    { key: 'session.idle_timeout', value: '"10m"', place: 'file', path: 'C:\\ProgramData\\Cardea\\config.toml', line: 12 },
    kept('desktop.language', '"system"'),
    kept('desktop.autostart', 'true'),
    held('desktop.show_name', 'false', 'desktop', 'show_name'),
    kept('desktop.notifications', '["signed_out", "expiring", "attention", "pairing"]'),
    held('desktop.allow_quit', 'true', 'desktop', 'allow_quit'),
    { key: 'desktop.browser', value: '"system"', place: 'user', path: 'C:\\Users\\example\\AppData\\Roaming\\Cardea\\user.toml', line: 2 },
  ],
  desktop: {
    language: 'system', autostart: true, show_name: false, allow_quit: true, browser: 'system',
    notifications: ['signed_out', 'expiring', 'attention', 'pairing'],
  },
};

const ok = (id: string, title: string, summary: string, details: string[] = []): CheckReport =>
  ({ id, title, outcome: 'ok', summary, details, took_ms: 4 });

export const CHECKS: CheckReport[] = [
  ok('version', 'Versions', 'Cardea 0.1.0 on Windows 11 (10.0.26100).'),
  ok('settings', 'Settings', 'The settings can be used.'),
  ok('card_service', 'The smartcard service', 'The smartcard service answers.'),
  ok('readers', 'Card readers', 'One card reader counts.', [
    `${READER}: a card`, 'Windows Hello for Business 1: ignored: its name fits "Windows Hello*" of [card] ignore_readers',
  ]),
  ok('card', 'The card', 'The card is recognised.', [`${READER}: NHS Smartcard (series 8), ATR 3B FF 96 00 00 81 31 FE 43`]),
  {
    id: 'browser_policy', title: 'Browser policies', outcome: 'warning', took_ms: 3, summary: 'Edge asks the user before https://gp.example may call.',
    remedy: 'Add the origin to LocalNetworkAccessAllowedForUrls.', note: 'drivers-notes/local-network-access.md',
  },
  { id: 'broker', title: 'The broker', outcome: 'skipped', summary: 'No broker is used.', took_ms: 0 },
  {
    id: 'clock', title: 'The clock', outcome: 'failure', code: 'clock_wrong', took_ms: 80, summary: 'The clock of this computer is 4 minutes behind CIS2’s.',
    remedy: 'Set the computer’s date, time and time zone, then sign in again.',
  },
];
