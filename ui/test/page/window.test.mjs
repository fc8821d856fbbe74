// The page as it is shipped, with the commands of the Rust side answered by the test.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';

import { hears, pagesOf } from './browser.mjs';

const DIST = new URL('../../dist/', import.meta.url);
const visit = pagesOf('dist');

/** Stands where Tauri stands in the window, and notes each command with its arguments. */
function answerCommands() {
  const snapshot = (revision, more) => ({
    agent: 'running', pairings: 0, server_time: '2026-01-05T09:20:00.000Z',
    snapshot: {
      boot: 'b1', revision, environment: 'live', issuer: 'https://example/', state: 'no_card', since: '2026-01-05T09:00:00.000Z',
      readers: [{ name: 'Omnikey', state: 'empty' }], ...more,
    },
  });
  const answers = {
    now: snapshot(1), login: { attempt: 'a1' }, first_start: false, about: { version: '0.1.0', licence: 'Apache-2.0' },
    activity: [], apps: [], pairings: [], diagnostics: { readers: [], removals: [], settings: [], uptime_s: 1, version: '0.1.0' },
    settings: { rows: [], desktop: { language: 'system', autostart: true, show_name: false, notifications: [], allow_quit: true, browser: 'system' } },
  };
  answers.set_desktop = answers.settings;
  /** The handler of each event. */
  const listeners = {};
  let callbacks = 0;
  const heard = new Map();
  window.commands = [];
  window.emit = (revision, more) => heard.get(listeners.view)({ event: 'view', id: 1, payload: { ...snapshot(revision, more), number: revision } });
  window.openAt = (view) => {
    answers.opened = view;
    heard.get(listeners.open)({ event: 'open', id: 2, payload: null });
  };
  window.__TAURI_EVENT_PLUGIN_INTERNALS__ = { unregisterListener: () => undefined };
  window.__TAURI_INTERNALS__ = {
    transformCallback: (callback) => {
      callbacks += 1;
      heard.set(callbacks, callback);
      return callbacks;
    },
    unregisterCallback: (id) => heard.delete(id),
    invoke: async (name, args) => {
      if (name === 'plugin:event|listen') {
        listeners[args.event] = args.handler;
        return args.handler;
      }
      const { events, ...rest } = args ?? {};
      window.commands.push([name, rest]);
      if (name === 'doctor') {
        const send = (index, message) => heard.get(events.id)({ index, message });
        send(0, { event: 'check.started', id: 'version', title: 'Versions' });
        send(1, { event: 'doctor.finished', counts: { ok: 1, warnings: 0, failures: 0, skipped: 0 } });
      }
      if (name === 'logout') throw { code: 'agent_down', message: 'Cardea does not answer.', remedy: 'Wait a moment.' };
      return answers[name] ?? null;
    },
  };
}

test('the page speaks to the window by its commands and its event', () => visit('index.html', async (page) => {
  await page.getByText('No card is in the reader').waitFor();
  await page.evaluate(() => window.emit(2, { state: 'card_present', readers: [{ name: 'Omnikey', state: 'present', card: { recognised: true } }] }));
  await hears(page, 'status', 'Card seen in Omnikey.');
  await page.evaluate(() => window.emit(1, {}));
  await page.getByText('A card is in the reader, nobody is signed in').waitFor();
  await page.getByRole('button', { name: 'Log in with my Care Identity' }).click();
  await page.evaluate(() => window.emit(3, {
    state: 'active', session: {
      id: 's1', started_at: '2026-01-05T09:20:00.000Z', expires_at: '2026-01-05T21:20:00.000Z', idle_expires_at: '2026-01-05T09:35:00.000Z',
      card_bound: true, readers: ['Omnikey'],
    },
  }));
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByText('Cardea does not answer.').waitFor();
  await page.getByRole('link', { name: 'This computer' }).click();
  await page.getByLabel('Also compare').check();
  await page.getByRole('button', { name: 'Run the checks' }).click();
  await hears(page, 'status', 'Checks done: 1 OK');
  await page.getByLabel('Show your name').click();
  await hears(page, 'status', 'saved');
  const named = (await page.evaluate(() => window.commands)).filter(([name]) => !['now', 'first_start', 'opened', 'shown'].includes(name));
  assert.deepEqual(named, [
    ['login', { mode: 'sign_in' }], ['logout', {}], ['settings', {}], ['doctor', { cis2: true }], ['set_desktop', { key: 'show_name', value: true }],
  ]);
  const shown = (await page.evaluate(() => window.commands)).filter(([name]) => name === 'shown').map(([, args]) => args);
  assert.deepEqual(shown, [{ number: 2 }, { number: 1 }, { number: 3 }]);
}, { before: answerCommands }));

test('the page says that it is there, and goes where the user asks to by the tray', () => visit('index.html', async (page) => {
  await page.getByText('No card is in the reader').waitFor();
  const opened = () => page.evaluate(() => window.commands.filter(([name]) => name === 'opened').length);
  assert.equal(await opened(), 1);
  await page.evaluate(() => window.openAt('programs'));
  await page.getByRole('heading', { level: 1, name: 'Programs' }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Programs');
  assert.equal(await opened(), 2);
  await page.evaluate(() => window.openAt(null));
  await page.waitForFunction(() => window.commands.filter(([name]) => name === 'opened').length === 3);
  assert.equal(await page.evaluate(() => location.hash), '#programs');
}, { before: answerCommands }));

for (const [view, askedEachTime] of [['readers', []], ['activity', ['activity', 'apps']]]) {
  test(`${view}: the diagnostics are asked for anew only with another snapshot`, () => visit(`index.html#${view}`, async (page) => {
    const count = (name) => page.evaluate((command) => window.commands.filter(([one]) => one === command).length, name);
    const after = async (revision, more = {}) => {
      await page.evaluate((args) => window.emit(...args), [revision, more]);
      return count('diagnostics');
    };
    const first = await after(1);
    const others = await Promise.all(askedEachTime.map(count));
    const counts = [await after(1), await after(1), await after(2), await after(2), await after(2, { boot: 'b2' }), await after(2, { boot: 'b2' })];
    assert.deepEqual(counts.map((one) => one - first), [0, 0, 1, 1, 2, 2]);
    // What the snapshot does not tell of is asked for whenever something happens.
    assert.deepEqual(await Promise.all(askedEachTime.map(count)), others.map((one) => one + counts.length));
  }, { before: answerCommands }));
}

test('what is shipped has nothing played, names no other host, and has no script or style in the page', () => {
  const files = readdirSync(DIST, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  for (const { parentPath, path, name } of files) {
    const text = readFileSync(`${parentPath ?? path}/${name}`, 'utf8');
    const hosts = [...text.matchAll(/(?:https?:)?\/\/[a-z0-9-]+(?:\.[a-z0-9-]+)+/gi)].map(([host]) => host)
      // Names of XML, and of the page on an error in Svelte's messages: nobody asks them for anything.
      .filter((host) => !/^http:\/\/www\.w3\.org$|^https:\/\/svelte\.dev$/.test(host));
    assert.deepEqual(hosts, [], name);
    assert.ok(!/Ada Example|Frutiger|assets\.nhs\.uk/.test(text), name);
    if (name.endsWith('.html')) assert.ok(!/<style|\sstyle=|<script(?![^>]*\ssrc=)[^>]*>/i.test(text), name);
  }
  assert.ok(files.length >= 3);
});
