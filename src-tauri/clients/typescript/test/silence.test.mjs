// Each way a session can end or come into doubt, on clocks that the test moves.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Silence } from '../dist/silence.js';
import { message, named, snapshot, snapshotMessage } from './fake.mjs';

const at = (seconds, more = {}) => ({
  wall: 1_800_000_000_000 + seconds * 1_000, monotonic: (100 + seconds) * 1_000, throttled: false, ...more,
});

/** Tells of time and messages; the clock goes on second by second as the driver's does. */
class Story {
  second = 0;

  constructor(environments = ['simulated']) {
    this.silence = new Silence(at(0), environments);
  }

  /** Somebody is signed in: boot `A`, revision 5, session `s1`. */
  static signedIn() {
    const story = new Story();
    assert.deepEqual(story.hear(snapshotMessage('A', 5, 's1')), ['s1']);
    return story;
  }

  tell(signal, now = at(this.second), stream = 'good') {
    assert.equal(this.silence.handle(signal, now), stream);
    return this.silence.news().map(named);
  }

  hear(event, old) {
    return this.tell({ kind: 'event', event, old });
  }

  answer(...parts) {
    return this.tell({ kind: 'answer', snapshot: snapshot(...parts) });
  }

  lose(loss) {
    return this.tell({ kind: 'lost', loss });
  }

  pass(seconds) {
    return Array.from({ length: seconds }, () => {
      this.second += 1;
      return this.tell({ kind: 'tick' });
    }).flat();
  }
}

test('nobody is signed in before a live snapshot says so', () => {
  const story = new Story();
  assert.equal(story.silence.view.kind, 'checking');
  assert.deepEqual(story.hear(message('session.started', 'A', 4)), []);
  assert.deepEqual(story.hear(message('heartbeat', 'A', 4)), []);
  assert.deepEqual(story.hear({ ...snapshotMessage('A', 4, 's1'), replayed: true }), []);
  assert.deepEqual(story.hear(snapshotMessage('A', 4, 's1'), true), []);
  assert.deepEqual(story.hear(snapshotMessage('A', 5, 's1')), ['s1']);
});

test('an agent that never answers is signed out after three seconds', () => {
  const story = new Story();
  assert.deepEqual(story.lose('closed'), []);
  assert.deepEqual(story.pass(2), []);
  assert.deepEqual(story.pass(1), ['agent_lost']);
  assert.deepEqual(story.pass(10), []);
});

test('session.ended locks at once and the snapshot after it changes nothing', () => {
  const story = Story.signedIn();
  const ended = message('session.ended', 'A', 6, { session_id: 's1', reason: 'card_removed' });
  assert.deepEqual(story.hear(ended), ['card_removed']);
  const last_end = { session_id: 's1', reason: 'card_removed', at: '' };
  assert.deepEqual(story.hear(snapshotMessage('A', 6, undefined, { last_end })), []);
});

test('an unknown reason is an end all the same', () => {
  assert.deepEqual(Story.signedIn().hear(message('session.ended', 'A', 6, { reason: 'sunspots' })), ['sunspots']);
  for (const reason of [null, undefined]) {
    assert.deepEqual(Story.signedIn().hear(message('session.ended', 'A', 6, { reason })), ['unknown']);
  }
});

test('a replayed end locks too and only the live snapshot unlocks', () => {
  const story = Story.signedIn();
  assert.deepEqual(story.lose('closed'), []);
  const ended = message('session.ended', 'A', 6, { replayed: true, reason: 'card_swapped' });
  assert.deepEqual(story.hear(ended), ['card_swapped']);
  assert.deepEqual(story.hear(message('session.started', 'A', 7, { replayed: true })), []);
  assert.deepEqual(story.hear({ ...snapshotMessage('A', 7, 's2'), replayed: true }), []);
  assert.deepEqual(story.hear(snapshotMessage('A', 7, 's2')), ['s2']);
});

test('a snapshot in another state locks', () => {
  for (const state of ['card_present', 'signing_in', 'unavailable', 'levitating']) {
    assert.deepEqual(Story.signedIn().hear(snapshotMessage('A', 6, 's1', { state })), ['not_signed_in']);
  }
});

test('an active snapshot without a session signs nobody in', () => {
  const hollow = snapshotMessage('A', 5, undefined, { state: 'active' });
  assert.deepEqual(new Story().hear(hollow), ['not_signed_in']);
});

test('only the environments of the program sign anybody in', () => {
  const live = new Story(['live']);
  assert.deepEqual(live.hear(snapshotMessage('A', 5, 's1')), ['other_environment']);
  assert.deepEqual(live.answer('A', 5, 's1'), []);
  assert.deepEqual(live.hear(snapshotMessage('A', 6, 's1', { environment: 'live' })), ['s1']);
  assert.deepEqual(live.hear(snapshotMessage('A', 7, 's1', { environment: 'int' })), ['other_environment']);
});

test('a gap locks until the snapshot after it', () => {
  const story = Story.signedIn();
  assert.deepEqual(story.hear(message('gap', 'A', 9)), ['checking']);
  assert.deepEqual(story.hear(snapshotMessage('A', 9, 's1')), ['s1']);
  assert.deepEqual(story.hear(message('gap', 'A', 12)), ['checking']);
  assert.deepEqual(story.pass(3), ['agent_lost']);
});

test('another session locks before it unlocks', () => {
  assert.deepEqual(Story.signedIn().hear(snapshotMessage('A', 6, 's2')), ['other_session', 's2']);
});

test('another boot locks whatever it says', () => {
  for (const name of ['heartbeat', 'card.inserted', 'gap', 'session.started']) {
    assert.deepEqual(Story.signedIn().hear(message(name, 'B', 1)), ['agent_restarted'], name);
  }
  assert.deepEqual(Story.signedIn().hear(snapshotMessage('B', 1, 's1')), ['agent_restarted', 's1']);
  assert.deepEqual(Story.signedIn().answer('B', 1, 's1'), ['agent_restarted', 's1']);
});

test('an older snapshot does not unlock but can lock', () => {
  const story = Story.signedIn();
  story.hear(snapshotMessage('A', 8));
  assert.deepEqual(story.hear(snapshotMessage('A', 7, 's1')), []);
  assert.deepEqual(Story.signedIn().hear(snapshotMessage('A', 4)), ['not_signed_in']);
});

test('a lost stream may come back within three seconds', () => {
  const story = Story.signedIn();
  assert.deepEqual(story.lose('closed'), []);
  assert.deepEqual(story.pass(2), []);
  assert.deepEqual(story.hear(snapshotMessage('A', 6, 's1', { readers: [{ name: 'R', state: 'present' }] })), ['s1']);
  assert.deepEqual(story.pass(20), []);
});

test('failing again does not lengthen the three seconds nor does an open stream without snapshot', () => {
  const story = Story.signedIn();
  story.lose('closed');
  assert.deepEqual(story.pass(1), []);
  story.lose('closed');
  assert.deepEqual(story.pass(1), []);
  assert.deepEqual(story.hear(message('heartbeat', 'A', 5)), []);
  assert.deepEqual(story.pass(1), ['agent_lost']);
  assert.deepEqual(story.hear(snapshotMessage('A', 6, 's1')), ['s1']);
});

test('thirty seconds of silence are not followed by three more', () => {
  assert.deepEqual(Story.signedIn().lose('silent'), ['agent_silent']);
});

test('a refusal is final until a snapshot comes', () => {
  const story = Story.signedIn();
  assert.deepEqual(story.lose('refused'), ['refused']);
  assert.deepEqual(story.pass(10), []);
  assert.deepEqual(story.hear(snapshotMessage('A', 6, 's1')), ['s1']);
});

test('sleep shows on the wall clock and locks until the agent has been asked', () => {
  const story = Story.signedIn();
  const woken = at(1, { wall: at(3_600).wall });
  assert.deepEqual(story.tell({ kind: 'tick' }, woken, 'stale'), ['checking']);
  const soon = at(2, { wall: at(3_601).wall });
  assert.deepEqual(story.tell({ kind: 'answer', snapshot: snapshot('A', 5, 's1') }, soon), ['s1']);
});

test('a timer that fires much later than asked is a sleep, but for a page that nobody sees', () => {
  assert.deepEqual(Story.signedIn().tell({ kind: 'tick' }, at(6), 'stale'), ['checking']);
  const hidden = Story.signedIn();
  assert.deepEqual(hidden.tell({ kind: 'tick' }, at(60, { throttled: true })), []);
  assert.deepEqual(hidden.tell({ kind: 'tick' }, at(151, { throttled: true }), 'stale'), ['checking']);
});

test('what was in the stream before sleep cannot unlock but can lock', () => {
  const unlock = { kind: 'event', event: snapshotMessage('A', 6, 's1') };
  assert.deepEqual(Story.signedIn().tell(unlock, at(60), 'stale'), ['checking']);
  const lock = { kind: 'event', event: message('session.ended', 'A', 6, { reason: 'suspended' }) };
  assert.deepEqual(Story.signedIn().tell(lock, at(60), 'stale'), ['checking', 'suspended']);
});

test('an answer that was under way before sleep cannot unlock', () => {
  const answer = { kind: 'answer', snapshot: snapshot('A', 6, 's1') };
  assert.deepEqual(Story.signedIn().tell(answer, at(60), 'stale'), ['checking']);
});

test('a wake is first checking, then asks, then decides', () => {
  const story = Story.signedIn();
  assert.deepEqual(story.tell({ kind: 'woken' }), ['checking']);
  assert.deepEqual(story.answer('A', 5, 's1'), ['s1']);
  assert.deepEqual(story.tell({ kind: 'woken' }), ['checking']);
  assert.deepEqual(story.pass(3), ['agent_lost']);
});

test('what the answer counts in already says nothing new', () => {
  const story = Story.signedIn();
  story.tell({ kind: 'woken' });
  assert.deepEqual(story.answer('A', 8, 's2'), ['s2']);
  const ended = message('session.ended', 'A', 6, { replayed: true, reason: 'replaced' });
  assert.deepEqual(story.hear(ended), []);
  assert.deepEqual(story.hear(snapshotMessage('A', 7)), []);
  assert.deepEqual(story.hear(message('session.ended', 'A', 9, { reason: 'card_removed' })), ['card_removed']);
});

test('an answer that the stream has overtaken does not unlock', () => {
  const story = Story.signedIn();
  story.tell({ kind: 'woken' });
  assert.deepEqual(story.hear(message('session.ended', 'A', 6, { reason: 'card_removed' })), ['card_removed']);
  assert.deepEqual(story.answer('A', 5, 's1'), []);
});

test('a wall clock set back is no sleep', () => {
  assert.deepEqual(Story.signedIn().tell({ kind: 'tick' }, at(1, { wall: 0 })), []);
});
