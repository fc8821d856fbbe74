// src-tauri/docs/accessibility.md says what a screen reader says: the table there is made of the
// strings. `UPDATE=1 npm test` writes it anew.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';

import { words } from '../../node_modules/.pure/strings/index.js';

const DOCUMENT = new URL('../../../src-tauri/docs/accessibility.md', import.meta.url);
const [BEGIN, END] = ['<!-- table: begin -->', '<!-- table: end -->'];

const { announced, agents, ends, now } = words;
const agent = ({ message, remedy }) => announced.failure(message, remedy);

const rows = [
  ['A card is inserted', 'waits', announced.cardSeen('READER')],
  ['A card cannot be read', 'waits', announced.cardMute('READER')],
  ['A card leaves', 'waits', announced.cardGone('READER')],
  ['A reader is connected', 'waits', announced.readerSeen('READER')],
  ['A reader is disconnected', 'waits', announced.readerGone('READER')],
  ...Object.entries(now.waiting).map(([waiting, text]) => [`A login waits: \`${waiting}\``, 'waits', announced.signingIn(text)]),
  ['Somebody is signed in', 'waits', announced.signedIn('NAME, ROLE, ORGANISATION')],
  ['Another role was chosen', 'waits', announced.roleChanged('NAME, ROLE, ORGANISATION')],
  ...Object.entries(ends).map(([reason, text]) => [`The session ended: \`${reason}\``, 'interrupts', announced.signedOut(text)]),
  ['The session ends in a minute, nobody being busy', 'interrupts', announced.expiring('1 minute', now.expiringIdle)],
  ['The session ends in a minute, its time being over', 'interrupts', announced.expiring('1 minute', now.expiringLifetime)],
  ['The end was put off', 'waits', announced.stays],
  ['Something is wrong', 'interrupts', announced.failure('MESSAGE', 'REMEDY')],
  ['A program asks to be connected', 'waits', announced.pairing],
  ['The agent starts', 'interrupts', agent(agents.starting)],
  ['The agent is started again', 'interrupts', agent(agents.restarting)],
  ['The agent is not there', 'interrupts', agent(agents.down)],
  ['The agent is there', 'waits', agents.running],
];

const table = [
  '| when | it | what is said |', '|---|---|---|',
  ...rows.map((row) => `| ${row.join(' | ')} |`),
].join('\n');

test('the document has what is said now', () => {
  const text = readFileSync(DOCUMENT, 'utf8');
  const [before, rest] = text.split(BEGIN);
  const [, after] = rest.split(END);
  const wanted = `${before}${BEGIN}\n${table}\n${END}${after}`;
  if (process.env.UPDATE) writeFileSync(DOCUMENT, wanted);
  else assert.equal(text, wanted);
});

test('what happens is in the table only once', () => {
  assert.equal(new Set(rows.map(([when]) => when)).size, rows.length);
});
