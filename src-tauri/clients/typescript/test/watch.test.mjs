// The driver against an agent in memory, on a clock that the test moves.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Client } from '../dist/index.js';
import { Agent, TOKEN, World, message, named, problem, reply, snapshot, snapshotMessage, until } from './fake.mjs';

/** A program that watches, and the agent it watches. */
class Scene {
  views = [];
  agent = new Agent();
  world = new World(this.agent);
  page = { follow: (sleeper) => { this.sleeper = sleeper; return () => {}; } };

  constructor() {
    this.client = new Client({ app: 'gp', token: TOKEN, environment: 'simulated' }, undefined, this.world);
    this.agent.answers['/v1/session'] = () => reply(200, snapshot('A', 5, 's1'), { etag: '"x"' });
  }

  start() {
    this.watch = this.client.watch({ page: this.page });
    this.watch.on('view', (view) => this.views.push(named(view)));
    return this;
  }

  /** Somebody is signed in: boot `A`, revision 5, session `s1`, message `A-5-0`. */
  static async signedIn() {
    const scene = new Scene().start();
    const stream = await scene.agent.stream();
    stream.say('A-5-0', snapshotMessage('A', 5, 's1'));
    await scene.seen('checking', 's1');
    return [scene, stream];
  }

  /** These views came since, and no others. */
  async seen(...views) {
    await until(() => this.views.length >= views.length, views);
    assert.deepEqual(this.views.splice(0), views);
  }
}

test('an agent that is not there counts as signed out after three seconds', async () => {
  const scene = new Scene();
  scene.agent.isDown = true;
  scene.start();
  await scene.world.pass(2_999);
  await scene.seen('checking');
  await scene.world.pass(1);
  await scene.seen('agent_lost');
  assert.equal(scene.watch.error.code, 'not_running');
});

test('events come in order after the views that follow from them', async () => {
  const [scene, stream] = await Scene.signedIn();
  const told = [];
  scene.watch.on('event', (event) => told.push([event.event, scene.watch.view.kind]));
  stream.say('A-6-0', message('session.ended', 'A', 6, { reason: 'card_removed' }));
  stream.say('A-6-1', message('card.removed', 'A', 6));
  stream.mention(message('heartbeat', 'A', 6));
  await until(() => told.length === 2);
  assert.deepEqual(told, [['session.ended', 'signedOut'], ['card.removed', 'signedOut']]);
  await scene.seen('card_removed');
});

test('a stream that closes is resumed and the session goes on', async () => {
  const [scene, stream] = await Scene.signedIn();
  assert.equal(stream.request.headers['last-event-id'], undefined);
  stream.mention(message('heartbeat', 'A', 5));
  stream.close();
  await until(() => scene.watch.error?.code === 'closed');
  await scene.world.pass(50);
  const resumed = await scene.agent.stream();
  assert.equal(resumed.request.headers['last-event-id'], 'A-5-0');
  resumed.say('A-5-0', snapshotMessage('A', 5, 's1'));
  await until(() => !scene.watch.error);
  await scene.world.pass(10_000);
  assert.deepEqual(scene.views, []);
});

test('a stream that cannot be resumed ends the session after three seconds', async () => {
  const [scene, stream] = await Scene.signedIn();
  scene.agent.isDown = true;
  stream.close();
  await until(() => scene.watch.error);
  await scene.world.pass(2_999);
  assert.deepEqual(scene.views, []);
  await scene.world.pass(1);
  await scene.seen('agent_lost');
  scene.agent.isDown = false;
  await scene.world.pass(1_000);
  (await scene.agent.stream()).say('A-5-0', snapshotMessage('A', 5, 's1'));
  await scene.seen('s1');
});

test('thirty seconds without a byte end the session', async () => {
  const [scene, stream] = await Scene.signedIn();
  await scene.world.pass(29_999);
  assert.deepEqual(scene.views, []);
  await scene.world.pass(1);
  await scene.seen('agent_silent');
  assert.ok(stream.isDropped);
});

test('any byte breaks the silence', async () => {
  const [scene, stream] = await Scene.signedIn();
  for (let beat = 0; beat < 5; beat += 1) {
    await scene.world.pass(20_000);
    stream.raw(':\n');
    await new Promise(setImmediate);
  }
  assert.deepEqual(scene.views, []);
  await scene.world.pass(30_000);
  await scene.seen('agent_silent');
});

test('after sleep the program is locked until it has asked', async () => {
  const [scene, before] = await Scene.signedIn();
  let answer;
  scene.agent.answers['/v1/session'] = () => new Promise((resolve) => { answer = resolve; });
  scene.world.slept = 3_600_000;
  await scene.world.pass(1_000);
  await scene.seen('checking');
  assert.ok(before.isDropped);
  assert.equal((await scene.agent.stream()).request.headers['last-event-id'], 'A-5-0');
  await until(() => answer);
  assert.deepEqual(scene.views, []);
  answer(reply(200, snapshot('A', 5, 's1'), { etag: '"x"' }));
  await scene.seen('s1');
});

test('a process that stood still sees the lock before anything else', async () => {
  const [scene, stream] = await Scene.signedIn();
  scene.world.standStill(20_000);
  stream.say('A-6-0', snapshotMessage('A', 6, 's1'));
  await until(() => scene.views.length > 0);
  assert.equal(scene.views[0], 'checking');
});

test('a page that is shown again is first checking, then asks, then decides', async () => {
  const [scene, stream] = await Scene.signedIn();
  scene.agent.answers['/v1/session'] = () => reply(200, snapshot('A', 6), { etag: '"x"' });
  scene.sleeper.wake();
  assert.deepEqual(scene.views, ['checking']);
  await scene.seen('checking', 'not_signed_in');
  assert.ok(!stream.isDropped, 'what the stream holds is not old');
});

test('a frozen page shows nothing, and asks when it wakes', async () => {
  const [scene, stream] = await Scene.signedIn();
  scene.sleeper.sleep();
  assert.deepEqual(scene.views, ['checking']);
  assert.ok(stream.isDropped);
  scene.world.standStill(60_000);
  scene.sleeper.wake();
  await scene.seen('checking', 's1');
  assert.equal((await scene.agent.stream()).request.headers['last-event-id'], 'A-5-0');
});

test('an agent that does not answer after a wake ends the session', async () => {
  const [scene] = await Scene.signedIn();
  scene.agent.isDown = true;
  scene.sleeper.wake();
  await scene.world.pass(3_000);
  await scene.seen('checking', 'agent_lost');
});

test('what is no message counts as a broken stream', async () => {
  for (const data of ['{}', 'x', '{"event":"snapshot","boot":"A","revision":6,"snapshot":{}}']) {
    const [scene, stream] = await Scene.signedIn();
    stream.raw(`data: ${data}\n\n`);
    await until(() => stream.isDropped);
    assert.equal(scene.watch.error.code, 'answer');
    scene.watch.close();
  }
});

test('a program that may not see the session is told so at once', async () => {
  const scene = new Scene();
  scene.agent.answers['/v1/events'] = () => problem(401, 'token_revoked');
  scene.start();
  await scene.seen('checking', 'refused');
});

test('who closes a watch is locked and lets go of the connection', async () => {
  const [scene, stream] = await Scene.signedIn();
  scene.watch.close();
  await scene.seen('agent_silent');
  assert.ok(stream.isDropped);
  scene.watch.wake();
  await scene.world.pass(10_000);
  assert.equal(scene.agent.opened.length, 0);
});

test('views can be waited for, and whoever is slow still sees that it was locked', async () => {
  const [scene, stream] = await Scene.signedIn();
  const views = scene.watch[Symbol.asyncIterator]();
  assert.equal(named((await views.next()).value), 's1');
  const next = views.next();
  stream.say('A-6-0', message('session.ended', 'A', 6, { reason: 'card_removed' }));
  assert.equal(named((await next).value), 'card_removed');
  for (let revision = 7; revision < 40; revision += 1) {
    stream.say(`A-${revision}-0`, snapshotMessage('A', revision, `s${revision}`));
  }
  await until(() => scene.views.at(-1) === 's39');
  const rest = [];
  while (rest.at(-1) !== 's39') rest.push(named((await views.next()).value));
  assert.ok(rest.length <= 17 && rest[0] === 'checking', rest);
  await views.return();
  assert.equal((await views.next()).done, true);
});

test("one listener's mistake is not the others' loss", async (context) => {
  const [scene, stream] = await Scene.signedIn();
  const later = [];
  context.mock.method(globalThis, 'queueMicrotask', (f) => later.push(f));
  const told = [];
  scene.watch.on('event', () => { throw new Error('mistake'); });
  scene.watch.on('event', ({ event }) => told.push(event));
  stream.say('A-6-0', message('session.ended', 'A', 6, { reason: 'card_removed' }));
  await scene.seen('card_removed');
  await until(() => told.length > 0);
  assert.throws(later[0], { message: 'mistake' });
});
