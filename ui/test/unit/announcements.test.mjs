// What a screen reader says when one view follows another.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { changes, endingChange } from '../../node_modules/.pure/shown/announcements.js';
import { NOW, active, at, reader, session, view } from './made.mjs';

const said = (before, after) => changes(before, after).map(({ urgency, text }) => `${urgency}: ${text}`);
const ended = (reason) => ({ last_end: { session_id: 's1', reason, at: at(0) } });

test('the first view is not read out: the page shows it', () => {
  assert.deepEqual(said(null, active()), []);
});

test('the same again says nothing, nor does another revision alone', () => {
  assert.deepEqual(said(active(), active({}, { revision: 2 })), []);
});

test('a card that is inserted or leaves is told with its reader', () => {
  const card = view({ state: 'card_present', readers: [reader('present')] });
  assert.deepEqual(said(view(), card), ['status: Card seen in Omnikey.']);
  assert.deepEqual(said(card, view()), ['status: Card gone from Omnikey.']);
  assert.deepEqual(said(view(), view({ readers: [reader('mute')] })), ['status: The card in Omnikey cannot be read.']);
});

test('readers that come and go are told, ignored ones are not', () => {
  const two = view({ readers: [reader('empty'), reader('present', 'Cherry')] });
  assert.deepEqual(said(view(), two), ['status: Reader Cherry was connected.', 'status: Card seen in Cherry.']);
  assert.deepEqual(said(two, view()), ['status: Reader Cherry was disconnected.']);
  assert.deepEqual(said(view(), view({ readers: [reader('empty'), reader('ignored', 'Hello')] })), []);
});

test('signing in tells what is waited for, then who it is', () => {
  const card = { readers: [reader('present')] };
  const login = (waiting) => view({ ...card, state: 'signing_in', login: { attempt: 'a1', started_at: at(0), waiting } });
  assert.deepEqual(said(view({ ...card, state: 'card_present' }), login('browser')), [
    'status: Signing in. Finish signing in in the browser window that has opened.',
  ]);
  assert.deepEqual(said(login('browser'), active()), ['status: Signed in: Ada Example, Nurse Access Role, The Example Practice (A99999).']);
});

test('the end of a session interrupts, with its reason', () => {
  assert.deepEqual(said(active(), view(ended('card_removed'))), [
    'alert: Signed out. The card was taken out.', 'status: Card gone from Omnikey.',
  ]);
  assert.deepEqual(said(active(), view({ readers: [reader('present')], ...ended('sunspots') })), ['alert: Signed out. The reason is not known.']);
  assert.deepEqual(said(active(), view({ readers: [reader('present')] })), ['alert: Signed out. The reason is not known.']);
});

test('another session is the end of the one before', () => {
  const other = active({ id: 's2', user: { id: '555000000002', name: 'Ben Other' } });
  assert.deepEqual(said(active(), other), [
    'alert: Signed out. Somebody else signed in.', 'status: Signed in: Ben Other, No role was chosen.',
  ]);
});

test('another role is told', () => {
  assert.deepEqual(said(active(), active({ user: { ...session().user, selected_roleid: 'r2' } })), [
    'status: The role was changed: Ada Example, Admin Role, B88888.',
  ]);
});

test('a lost agent interrupts once, and says nothing of readers', () => {
  const gone = view({}, { agent: 'restarting', snapshot: null });
  assert.deepEqual(said(active(), gone), [
    'alert: Cardea is restarting, so nobody is signed in. It will be back in a few seconds. Then sign in again.',
  ]);
  assert.deepEqual(said(gone, view()), ['status: Cardea is running.']);
});

test('a failure interrupts once, with what to do', () => {
  const failing = view({ failure: { code: 'login_timed_out', message: 'It took long.', remedy: 'Try again.' } });
  assert.deepEqual(said(view(), failing), ['alert: It took long. Try again.']);
  assert.deepEqual(said(failing, failing), []);
});

test('a program that asks is told, one that was answered is not', () => {
  const asking = view({}, { pairings: 1 });
  assert.deepEqual(said(view(), asking), ['status: A program asks to be connected. The view Programs shows which.']);
  assert.deepEqual(said(asking, view()), []);
});

test('the end that comes near is told once at one minute, and that it was put off', () => {
  let warned;
  const hear = (one, seconds) => {
    const change = endingChange(one, warned, NOW + seconds * 1_000);
    ({ warned } = change);
    return change.say.map(({ urgency, text }) => `${urgency}: ${text}`);
  };
  assert.deepEqual(hear(session(), 0), []);
  assert.deepEqual(hear(session(), 839), []);
  assert.deepEqual(hear(session(), 840), ['alert: You will be signed out in 1 minute. Nobody has used a connected program for a while.']);
  assert.deepEqual(hear(session({ expiring: true }), 841), []);
  assert.deepEqual(hear(session({ idle_expires_at: at(1_700) }), 842), ['status: You stay signed in.']);
  assert.deepEqual(hear(session({ idle_expires_at: at(1_700) }), 1_000), []);
  assert.deepEqual(hear(session({ expires_at: at(1_030), idle_expires_at: at(1_700), expiring: true }), 1_000), [
    'alert: You will be signed out in 30 seconds. The longest time for one session is nearly over. Sign in again to go on.',
  ]);
  assert.deepEqual(hear(undefined, 1_010), []);
});
