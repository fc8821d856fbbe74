// Several tabs of one origin, which meet by a channel and a lock in memory.

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { Client } from '../dist/index.js';
import { Agent, TOKEN, World, message, named, reply, snapshot, snapshotMessage, until } from './fake.mjs';

/** A browser: its channels reach every other tab, its lock has one holder. */
class Browser {
  channels = new Set();
  queue = [];
  holder;

  /** What one tab has of it. */
  tab() {
    return {
      channel: (name) => {
        const channel = {
          name, onmessage: null,
          postMessage: (message) => {
            const data = structuredClone(message);
            for (const other of this.channels) {
              if (other !== channel && other.name === name) setImmediate(() => other.onmessage?.({ data }));
            }
          },
          close: () => this.channels.delete(channel),
        };
        this.channels.add(channel);
        return channel;
      },
      lock: (name, { signal, steal }, lead) => new Promise((resolve, reject) => {
        const turn = { lead, resolve, reject };
        signal?.addEventListener('abort', () => {
          if (this.holder === turn) return;
          this.queue = this.queue.filter((other) => other !== turn);
          reject(new DOMException('', 'AbortError'));
        });
        if (steal) {
          this.holder?.reject(new DOMException('', 'AbortError'));
          this.#grant(turn);
        } else this.queue.push(turn);
        this.#next();
      }),
    };
  }

  #next() {
    if (!this.holder && this.queue.length > 0) this.#grant(this.queue.shift());
  }

  #grant(turn) {
    this.holder = turn;
    turn.lead().then(turn.resolve, turn.reject).finally(() => {
      if (this.holder !== turn) return;
      this.holder = undefined;
      this.#next();
    });
  }
}

let agent;
let world;
let browser;

beforeEach(() => {
  agent = new Agent();
  world = new World(agent);
  browser = new Browser();
  agent.answers['/v1/session'] = () => reply(200, snapshot('A', 5, 's1'), { etag: '"x"' });
});

function openTab({ app = 'gp', token = TOKEN } = {}) {
  const tab = { views: [] };
  tab.watch = new Client({ app, token, environment: 'simulated' }, undefined, world).watch({
    tabs: browser.tab(),
    page: { follow: (sleeper) => { tab.sleeper = sleeper; return () => {}; } },
  });
  tab.watch.on('view', (view) => tab.views.push(named(view)));
  tab.seen = async (...views) => {
    await until(() => tab.views.length >= views.length, views);
    assert.deepEqual(tab.views.splice(0), views);
  };
  return tab;
}

/** Three tabs in which somebody is signed in, and their one stream. */
async function threeTabs() {
  const tabs = [openTab()];
  const stream = await agent.stream();
  stream.say('A-5-0', snapshotMessage('A', 5, 's1'));
  tabs.push(openTab(), openTab());
  for (const tab of tabs) await tab.seen('checking', 's1');
  return [tabs, stream];
}

const streams = () => agent.requests.filter(({ path }) => path === '/v1/events').length;
const ended = message('session.ended', 'A', 6, { reason: 'card_removed' });

test('tabs share one connection, and all lock', async () => {
  const [tabs, stream] = await threeTabs();
  stream.say('A-6-0', ended);
  for (const tab of tabs) await tab.seen('card_removed');
  await world.pass(2_000);
  assert.equal(streams(), 1);
});

test('when the leader goes another takes over and nobody is signed out', async () => {
  const [[leader, ...others], stream] = await threeTabs();
  const told = others.map((tab) => new Promise((resolve) => tab.watch.on('event', resolve)));
  stream.say('A-5-1', message('card.inserted', 'A', 5));
  await Promise.all(told);
  leader.watch.close();
  await leader.seen('agent_silent');
  assert.ok(stream.isDropped);
  const next = await agent.stream();
  assert.equal(next.request.headers['last-event-id'], 'A-5-1');
  await world.pass(2_000);
  next.say('A-5-0', snapshotMessage('A', 5, 's1'));
  await world.pass(5_000);
  for (const tab of others) assert.deepEqual(tab.views, []);
  next.say('A-6-0', ended);
  for (const tab of others) await tab.seen('card_removed');
  assert.equal(streams(), 2);
});

test('a new leader that hears nothing in three seconds signs everybody out', async () => {
  const [[leader, ...others]] = await threeTabs();
  leader.watch.close();
  await agent.stream();
  await world.pass(3_100);
  for (const tab of others) await tab.seen('agent_lost');
});

test('each tab judges silence for itself', async () => {
  const [[, second, third]] = await threeTabs();
  // From now on nobody who leads says anything, nor is said anything.
  agent.answers['/v1/events'] = () => new Promise(() => {});
  browser.channels.forEach((channel) => { channel.postMessage = () => {}; });
  await world.pass(30_000);
  for (const tab of [second, third]) {
    await until(() => tab.views.length > 0);
    assert.notEqual(tab.watch.view.kind, 'signedIn');
  }
});

test('the lead is taken from a tab that says nothing for long', async () => {
  const [[leader, second, third], stream] = await threeTabs();
  await world.pass(14_900);
  assert.equal(streams(), 1);
  await world.pass(200);
  const next = await agent.stream();
  next.say('A-5-0', snapshotMessage('A', 5, 's1'));
  await until(() => stream.isDropped);
  await world.pass(1_000);
  for (const tab of [leader, second, third]) assert.deepEqual(tab.views, []);
  next.say('A-6-0', ended);
  for (const tab of [leader, second, third]) await tab.seen('card_removed');
});

test('a leader that is frozen gives up the lead, and follows when it wakes', async () => {
  const [[leader, second, third]] = await threeTabs();
  leader.sleeper.sleep();
  await leader.seen('checking');
  const next = await agent.stream();
  next.say('A-5-0', snapshotMessage('A', 5, 's1'));
  await world.pass(100);
  leader.sleeper.wake();
  await leader.seen('s1');
  assert.equal(streams(), 2);
  next.say('A-6-0', ended);
  for (const tab of [leader, second, third]) await tab.seen('card_removed');
});

test('a tab that wakes asks the agent itself', async () => {
  const [[, second]] = await threeTabs();
  agent.answers['/v1/session'] = () => reply(200, snapshot('A', 6), { etag: '"x"' });
  second.sleeper.wake();
  await second.seen('checking', 'not_signed_in');
});

test('what a leader says that is not allowed the session locks every tab', async () => {
  const [tabs, stream] = await threeTabs();
  agent.answers['/v1/events'] = () => reply(401, { code: 'token_revoked' });
  stream.close();
  await until(() => tabs[0].watch.error);
  await world.pass(60);
  for (const tab of tabs) await tab.seen('refused');
});

test('programs with different tokens do not meet', async () => {
  openTab();
  openTab({ token: 'another' });
  await until(() => browser.channels.size === 2);
  const [one, other] = browser.channels;
  assert.notEqual(one.name, other.name);
  for (const { name } of [one, other]) assert.ok(!name.includes(TOKEN) && !name.includes('another'));
});

test('tabs that cannot meet have a connection each', async () => {
  const broken = { channel: () => { throw new Error('none'); }, lock: () => assert.fail() };
  const watch = new Client({ app: 'gp', token: TOKEN, environment: 'simulated' }, undefined, world)
    .watch({ tabs: broken, page: { follow: () => () => {} } });
  const stream = await agent.stream();
  stream.say('A-5-0', snapshotMessage('A', 5, 's1'));
  await until(() => watch.view.kind === 'signedIn');
});
