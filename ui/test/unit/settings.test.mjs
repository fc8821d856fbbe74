// Settings and who holds them, readers, and a run of the doctor.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const from = (name) => import(`../../node_modules/.pure/${name}.js`);
const { holder, placeText, shortKey, spotText, tables } = await from('shown/settings');
const { NOTHING_YET, examinationAfter, onlyDone, outcomeOf, progressOf } = await from('shown/examination');
const { shownReader } = await from('shown/readers');
const { words } = await from('strings/index');
import { session } from './made.mjs';

const row = (key, place, more = {}) => ({ key, value: 'true', place, ...more });

test('rows come in tables, in their own order', () => {
  const rows = [row('cis2.client_id', 'policy'), row('desktop.autostart', 'user'), row('cis2.scopes', 'default')];
  assert.deepEqual(tables(rows).map(({ name, rows }) => [name, rows.map(shortKey)]), [
    ['cis2', ['client_id', 'scopes']], ['desktop', ['autostart']],
  ]);
});

test('a row says where it comes from', () => {
  assert.equal(placeText('policy'), 'Set by policy');
  assert.equal(spotText(row('a.b', 'file', { path: '/etc/cardea/config.toml', line: 3 })), '/etc/cardea/config.toml, line 3');
  assert.equal(spotText(row('a.b', 'policy', { path: 'HKLM\\x', value_name: 'b' })), 'HKLM\\x, b');
  assert.equal(spotText(row('a.b', 'file', { path: '/etc' })), '/etc');
  assert.equal(spotText(row('a.b', 'default')), '');
});

test('what a higher place holds is not the user’s to change', () => {
  const held = (place) => holder('autostart', { rows: [row('desktop.autostart', place)] });
  assert.deepEqual(['policy', 'installation', 'file', 'user', 'default'].map(held), ['policy', 'installation', 'file', undefined, undefined]);
  assert.equal(holder('browser', { rows: [] }), undefined);
});

test('each check runs, ends, and is counted', () => {
  const check = (id, outcome) => ({ id, title: `T ${id}`, outcome, summary: 's', took_ms: 1 });
  let run = examinationAfter(NOTHING_YET, { event: 'check.started', id: 'a', title: 'T a' });
  assert.equal(progressOf(run), 'Checking: T a (0 checks done)');
  run = examinationAfter(run, { event: 'check.finished', check: check('a', 'ok') });
  run = examinationAfter(run, { event: 'check.started', id: 'b', title: 'T b' });
  assert.equal(progressOf(run), 'Checking: T b (1 check done)');
  assert.deepEqual(run.checks.map(({ id, state }) => [id, state]), [['a', 'ok'], ['b', 'running']]);
  run = examinationAfter(run, { event: 'check.finished', check: check('b', 'failure') });
  run = examinationAfter(run, { event: 'news', text: 'of a newer agent' });
  run = examinationAfter(run, { event: 'doctor.finished', counts: { ok: 1, warnings: 0, failures: 1, skipped: 0 } });
  assert.equal(progressOf(run), 'Checks done: 1 OK, 0 to look at, 1 failed, 0 not checked.');
});

test('a run that stops keeps the checks that were done, and none that still runs', () => {
  const check = { id: 'a', title: 'T a', outcome: 'ok', summary: 's', took_ms: 1 };
  const events = [{ event: 'check.finished', check }, { event: 'check.started', id: 'b', title: 'T b' }];
  const run = onlyDone(events.reduce(examinationAfter, NOTHING_YET));
  assert.deepEqual(run.checks.map(({ id, state }) => [id, state]), [['a', 'ok']]);
  assert.equal(outcomeOf(run), 'The checks did not come to their end.');
  const counts = { ok: 1, warnings: 0, failures: 0, skipped: 0 };
  assert.equal(outcomeOf(examinationAfter(run, { event: 'doctor.finished', counts })), 'Checks done: 1 OK, 0 to look at, 0 failed, 0 not checked.');
});

const examined = {
  checks: ['readers', 'card'].map((id) => ({
    id, title: id, state: 'ok',
    report: {
      details: id === 'card'
        ? ['Omnikey: NHS Smartcard, ATR 3B FF 96 00', 'Omnikey 2: a card of an unknown kind, ATR 3B 00']
        : ['Omnikey: a card', 'Hello: ignored: its name fits "Hello*" of [card] ignore_readers'],
    },
  })),
};

test('a reader has the ATR and the reason that the doctor says about it and not about another', () => {
  const card = { recognised: true };
  const shown = shownReader({ name: 'Omnikey', state: 'present', card }, session(), examined);
  assert.deepEqual([shown.atr, shown.card, shown.bound], ['3B FF 96 00', words.readers.recognised, true]);
  assert.equal(shownReader({ name: 'Omnikey 2', state: 'present', card }, session(), examined).atr, '3B 00');
  assert.equal(shownReader({ name: 'Omnikey', state: 'empty' }, undefined, examined).atr, undefined, 'the card has left since');
  assert.equal(shownReader({ name: 'Hello', state: 'ignored' }, undefined, examined).hint, 'Ignored: its name fits "Hello*" of [card] ignore_readers');
});

test('without a run of the doctor the setting is the reason', () => {
  const diagnostics = { settings: [{ key: 'card.ignore_readers', value: '["Hello*"]', origin: 'default' }] };
  const hint = (seen) => shownReader({ name: 'Hello', state: 'ignored' }, undefined, undefined, seen).hint;
  assert.equal(hint(diagnostics), 'Ignored by the setting card.ignore_readers: ["Hello*"]');
  assert.equal(hint(undefined), 'Ignored by the setting card.ignore_readers');
});

test('every end reason, state and failure code of the API has its words', () => {
  const snapshot = new URL(
    '../../../src-tauri/crates/local-api/src/openapi/snapshots/cardea_local_api__openapi__tests__the_document_changes_only_on_purpose.snap',
    import.meta.url,
  );
  const text = readFileSync(snapshot, 'utf8');
  const { schemas } = JSON.parse(text.slice(text.indexOf('\n{'))).components;
  const named = (schema) => schemas[schema].enum ?? schemas[schema].oneOf.map((one) => one.const ?? one.enum[0]);
  const missing = (schema, list) => named(schema).filter((name) => !(name in list));
  assert.deepEqual(missing('EndReason', words.ends), []);
  assert.deepEqual(missing('State', words.states), []);
  assert.deepEqual(missing('Scope', words.programs.scopes), []);
  assert.deepEqual(missing('AppSource', words.programs.sources), []);
  assert.deepEqual(missing('ReaderStateView', words.readers.states), []);
  assert.deepEqual(missing('WaitingFor', words.now.waiting), []);
  // Of the agent's ports and socket no audit line tells.
  assert.deepEqual(missing('FailureCode', words.activity.failures), ['api_port_busy', 'socket_busy']);
});
