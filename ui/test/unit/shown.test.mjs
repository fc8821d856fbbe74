// What the views show, from what the agent says.

import assert from 'node:assert/strict';
import { test } from 'node:test';

// Before anything makes a format of it.
process.env.TZ = 'Europe/London';

const from = (name) => import(`../../node_modules/.pure/${name}.js`);
const { duration, clock, moment } = await from('shown/time');
const { ServerClock } = await from('shown/clock');
const { endingOf } = await from('shown/ending');
const { failureOf } = await from('shown/failure');
const { personOf } = await from('shown/person');
const { activityText } = await from('shown/activity');
const { bars, summary, latencyText } = await from('shown/chart');
const { codeDigits, homeOf, isRevocable, tokensReleased, whoAsks } = await from('shown/programs');
const { stateHint, stateText } = await from('shown/state');
const { words, wordFor } = await from('strings/index');
const { pageOf } = await from('pages');
import { NOW, active, at, reader, session, view } from './made.mjs';

test('durations are in words, started seconds count, at most two units', () => {
  for (const [milliseconds, text] of [
    [-5, '0 seconds'], [1, '1 second'], [59_001, '1 minute'], [61_000, '1 minute 1 second'], [860_000, '14 minutes 20 seconds'],
    [3_600_000, '1 hour'], [7_500_000, '2 hours 5 minutes'],
  ]) assert.equal(duration(milliseconds), text);
});

test('times are local; what is not of today has its date; what is no time is shown as it came', () => {
  assert.equal(clock('2026-07-05T09:20:00Z', Date.parse('2026-07-05T10:00:00Z')), '10:20');
  assert.equal(clock('2026-07-03T09:20:00Z', Date.parse('2026-07-05T10:00:00Z')), '3 Jul, 10:20');
  assert.equal(moment('2026-01-05T09:20:07Z'), '5 Jan, 09:20:07');
  assert.equal(clock('soon', NOW), 'soon');
});

test('the agent’s time goes on by the monotonic clock, whatever the wall clock is set to', () => {
  const time = new ServerClock();
  assert.equal(time.at(100, 42), 42);
  time.set(at(0), 1_000);
  assert.equal(time.at(61_000, 42), NOW + 60_000);
  time.set('nonsense', 5_000);
  assert.equal(time.at(61_000, 42), NOW + 60_000);
});

test('what ends the session next is the nearer of the two', () => {
  assert.deepEqual(endingOf(session(), NOW), { by: 'idle', at: at(900), left: 900_000, near: false });
  assert.equal(endingOf(session({ expires_at: at(600) }), NOW).by, 'lifetime');
  assert.deepEqual(endingOf(session(), NOW + 2_000_000), { by: 'idle', at: at(900), left: 0, near: true });
  assert.equal(endingOf(session({ expiring: true }), NOW).near, true);
});

test('a rejection is shown with the agent’s own words, anything else with ours', () => {
  const failure = { code: 'no_session', message: 'Nobody is signed in.', remedy: 'Sign in first.' };
  assert.deepEqual(failureOf(failure), failure);
  for (const odd of [new Error('undefined is not a function'), 'text', null, undefined, { code: 7 }]) {
    const { code, message, remedy } = failureOf(odd);
    assert.deepEqual([code, message, remedy], ['unexpected', words.failure.unexpected, words.failure.unexpectedRemedy]);
  }
});

test('who is signed in has a name, a role and an organisation, as far as CIS2 gave them', () => {
  assert.deepEqual(personOf(session().user), {
    name: 'Ada Example', role: 'Nurse Access Role', organisation: 'The Example Practice (A99999)',
  });
  assert.deepEqual(personOf({ id: '5', given_name: 'Ada' }), { name: 'Ada', role: 'No role was chosen' });
  assert.deepEqual(personOf({ id: '5', selected_roleid: 'r9', roles: [] }), { name: '5', role: 'A role that CIS2 did not list' });
});

test('the state is in words, also one of a newer agent', () => {
  assert.equal(stateText(view().snapshot), 'No card is in the reader');
  assert.equal(stateText(view({ readers: [reader('mute')] }).snapshot), 'The card in the reader cannot be read');
  assert.equal(stateText(view({ state: 'levitating' }).snapshot), 'Nobody is signed in');
  assert.equal(stateText(active().snapshot), 'Signed in');
  assert.equal(stateHint(view().snapshot), words.hints.no_card);
  assert.equal(stateHint(view({ failure: { code: 'a', message: 'b', remedy: 'c' } }).snapshot), undefined);
});

test('who asks is shown before what it calls itself', () => {
  const page = whoAsks({ from: { origin: 'https://a.example' }, name: 'Microsoft' });
  assert.deepEqual(page, [{ label: 'Web page', value: 'https://a.example' }, { label: 'Calls itself', value: '“Microsoft”' }]);
  const labels = (from) => whoAsks({ from, name: 'x' }).map(({ label, value }) => `${label}: ${value}`);
  assert.deepEqual(labels({ program: '/usr/bin/x' }), ['Program: /usr/bin/x', 'Signed by: Nobody, or not known', 'Calls itself: “x”']);
  assert.deepEqual(labels({}), ['Program: Not known', 'Signed by: Nobody, or not known', 'Calls itself: “x”']);
});

test('of a code only the digits count, six at most', () => {
  assert.equal(codeDigits(' 123 456 '), '123456');
  assert.equal(codeDigits('12-34-567'), '123456');
  assert.equal(codeDigits('abc'), '');
});

test('a program says where it calls from and who let it in', () => {
  assert.equal(homeOf({ origins: ['https://a.example', 'https://b.example'] }), 'https://a.example, https://b.example');
  assert.equal(homeOf({ origins: [], program: '/usr/bin/x' }), '/usr/bin/x');
  assert.deepEqual(['policy', 'installation', 'file', 'paired', 'added'].map((source) => isRevocable({ source })), [false, false, false, true, true]);
});

test('released tokens are counted by program', () => {
  const release = (app, time) => ({ at: time, action: 'token_release', app });
  const activity = [release('gp', '2026-01-05T09:00:00Z'), release('other', '2026-01-05T09:01:00Z'), release('gp', '2026-01-05T09:02:00Z')];
  assert.equal(tokensReleased('gp', activity), '2 times, last 5 Jan, 09:02:00');
  assert.equal(tokensReleased('none', activity), words.programs.noTokens);
});

test('each line of the audit has its sentence', () => {
  const apps = [{ id: 'p-1', name: 'Dictation' }];
  for (const [entry, text] of [
    [{ action: 'session_started' }, 'Signed in'],
    [{ action: 'session_ended', reason: 'policy_changed' }, 'Signed out. The settings of this computer changed.'],
    [{ action: 'session_ended' }, 'Signed out.'],
    [{ action: 'login_refused', reason: 'card_missing' }, 'Signing in did not succeed (no readable card)'],
    [{ action: 'policy_problem', reason: 'policy_changed' }, 'Settings: the settings changed'],
    [{ action: 'grant', app: 'p-1' }, 'Dictation was connected'],
    [{ action: 'revocation', app: 'gone' }, 'gone was disconnected'],
    [{ action: 'token_release' }, 'A program took the ID token'],
    [{ action: 'teleported', app: 'p-1', reason: 'why' }, 'teleported p-1 why'],
  ]) assert.equal(activityText(entry, apps), text);
});

test('the chart has a bar for each of the last removals, the highest as high as there is room', () => {
  const removal = (published_after_us) => ({ at: at(0), reader: 'r', published_after_us });
  const drawn = bars([removal(1_000), removal(4_000)]);
  assert.deepEqual(drawn.map(({ height }) => height), [25, 100]);
  assert.deepEqual(drawn.map(({ y, height }) => y + height), [120, 120]);
  assert.deepEqual(drawn.map(({ isHighest, text }) => [isHighest, text]), [[false, '1.0 ms'], [true, '4.0 ms']]);
  assert.deepEqual([...bars([removal(7), removal(7)]), ...bars([removal(0)])].map(({ isHighest }) => isHighest), [true, true, true]);
  assert.equal(bars([removal(9_000), ...Array.from({ length: 20 }, () => removal(5))])[0].isHighest, true, 'a higher one is no longer shown');
  assert.equal(bars(Array.from({ length: 90 }, () => removal(5))).length, 20);
  assert.ok(bars([removal(0)]).every(({ height }) => Number.isFinite(height)));
  assert.equal(summary([removal(1_900), removal(12_300), removal(2_000)]), 'The last 3 removals: 2.0 ms in the middle, 12 ms at most.');
  assert.equal(summary([]), words.activity.removalsNone);
  assert.equal(latencyText(removal(2_340)), '2.3 ms');
});

test('a view is chosen by its name, an unknown one is Now', () => {
  assert.deepEqual(['#readers', '', '#about', '#constructor'].map(pageOf), ['readers', 'now', 'about', 'now']);
});

test('an unknown key has the word for it, or its own', () => {
  assert.equal(wordFor(words.ends, 'sunspots'), words.ends.unknown);
  assert.equal(wordFor({}, 'sunspots'), 'sunspots');
});
