// One headless Chromium, driven line by line by a test.
//
// In:  {"open": URL}, {"wait": SELECTOR}, {"arrive": start of an address}: answered with the page,
//      {"url", "title", "text"}; {"fill": SELECTOR, "value": …}, {"press": SELECTOR},
//      {"screenshot": FILE}: answered with {}.
//      {"tab": NUMBER}: what follows is about this tab, which is opened when there is none; {"close":
//      NUMBER} closes it. {"freeze": true or false}: freezes the tab, or wakes it. {"script": CODE}:
//      runs in each page that is opened from now on, before its own. {"evaluate": CODE}: {"value"}.
//      {"requests": end of a path, "reach": NUMBER}: waits until so many were begun in all tabs, and
//      says how many are under way: {"begun", "open"}.
//      {"statuses": {STATUS: n}}: waits until each HTTP status came at least so often to the tab's page
//      since this was last asked, and says how often each did, what was kept from the page, preflights
//      and WebSockets too: {"statuses": {STATUS: n}}.
// Out: {"ready": true} once, then one answer for each command; {"error"} when it could not be done.
// The end of input closes the browser, wherever it is.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { chromium as playwright } from 'playwright-core';

import { listen, say } from './wire.mjs';

const LIMIT_MS = 60_000;

// Started here and not by Playwright, which would keep every page awake and in view.
const chromium = spawn(process.env.CHROMIUM ?? '/usr/bin/chromium', [
  // Tests run as root too, where Chromium's own sandbox refuses to start.
  '--headless', '--no-sandbox',
  '--disable-gpu', '--disable-quic', '--no-first-run', '--no-default-browser-check',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--disable-dev-shm-usage', '--password-store=basic',
  '--remote-debugging-port=0', `--user-data-dir=${mkdtempSync(join(tmpdir(), 'chromium-'))}`,
  'about:blank',
], { stdio: ['ignore', 'ignore', 'pipe'] });
process.once('exit', () => chromium.kill('SIGKILL'));

const address = async () => {
  for await (const line of createInterface({ input: chromium.stderr })) {
    const [, found] = /^DevTools listening on (ws:.*)$/.exec(line) ?? [];
    if (found) return found;
  }
  throw new Error('the browser does not start');
};
const browser = await playwright.connectOverCDP(await address(), { noDefaults: true });
chromium.stderr.resume();
const [context] = browser.contexts();
context.setDefaultTimeout(LIMIT_MS);

const tabs = new Map([[0, context.pages()[0]]]);
let page = tabs.get(0);

/** What follows is about this tab, and it is the one in view. */
const choose = async (number) => {
  if (!tabs.has(number)) tabs.set(number, await context.newPage());
  page = tabs.get(number);
  await page.bringToFront();
};

const begun = [];
const ended = new Set();
context.on('request', (request) => begun.push(request));
context.on('requestfinished', (request) => ended.add(request));
context.on('requestfailed', (request) => ended.add(request));

const requests = async (end, reach) => {
  const matching = () => begun.filter((request) => new URL(request.url()).pathname.endsWith(end));
  while (matching().length < reach) await context.waitForEvent('request');
  const isOpen = (request) => !ended.has(request) && !request.frame().page().isClosed();
  return { begun: matching().length, open: matching().filter(isOpen).length };
};

const freeze = async (frozen) => {
  const session = await context.newCDPSession(page);
  await session.send('Page.setWebLifecycleState', { state: frozen ? 'frozen' : 'active' });
  await session.detach();
};

const counts = new Map();
const counted = new EventTarget();

/** The browser tells of a status on another way than the page, which may know of an answer before. */
const statuses = async (least) => {
  const tab = page;
  if (counts.has(tab)) {
    const lacking = ([status, count]) => (counts.get(tab)[status] ?? 0) < count;
    const limit = AbortSignal.timeout(LIMIT_MS);
    while (Object.entries(least).some(lacking)) {
      await once(counted, 'status', { signal: limit }).catch(() => {
        throw new Error(`not so often within ${LIMIT_MS} ms: ${JSON.stringify(counts.get(tab))}`);
      });
    }
  }
  const before = counts.get(tab);
  counts.set(tab, {});
  if (before) return before;
  const count = (status) => {
    const now = counts.get(tab);
    now[status] = (now[status] ?? 0) + 1;
    counted.dispatchEvent(new Event('status'));
  };
  const session = await context.newCDPSession(tab);
  session.on('Network.responseReceivedExtraInfo', ({ statusCode }) => count(statusCode));
  session.on('Network.webSocketHandshakeResponseReceived', ({ response }) => count(response.status));
  session.on('Network.webSocketFrameError', ({ errorMessage }) => {
    const [, status] = /response code: (\d+)/.exec(errorMessage) ?? [];
    if (status) count(status);
  });
  await session.send('Network.enable');
  return {};
};

const shown = async () => ({
  text: await page.locator('body').innerText(),
  title: await page.title(),
  url: page.url(),
});

const look = async (command) => {
  if (command.open) await page.goto(command.open, { waitUntil: 'domcontentloaded' });
  else if (command.wait) await page.waitForSelector(command.wait);
  else if (command.arrive) {
    await page.waitForURL(({ href }) => href.startsWith(command.arrive), { waitUntil: 'domcontentloaded' });
  } else throw new Error(`unknown command: ${Object.keys(command)}`);
  return shown();
};

const obey = async (command) => {
  if (command.requests) return requests(command.requests, command.reach);
  if (command.statuses) return { statuses: await statuses(command.statuses) };
  if (command.evaluate) return { value: await page.evaluate(command.evaluate) };
  if (command.fill) await page.fill(command.fill, command.value);
  else if (command.press) {
    // Whoever answers the page that this leads to may be waiting for the test.
    await page.click(command.press, { noWaitAfter: true });
  } else if (command.screenshot) await page.screenshot({ path: command.screenshot, fullPage: true });
  else if ('tab' in command) await choose(command.tab);
  else if ('close' in command) {
    await tabs.get(command.close).close();
    tabs.delete(command.close);
  } else if ('freeze' in command) await freeze(command.freeze);
  else if (command.script) await context.addInitScript({ content: command.script });
  else return look(command);
  return {};
};

say({ ready: true });
await listen(
  async (command) => say(await obey(command).catch((error) => ({ error: error.message }))),
  async () => {
    const ended = once(chromium, 'exit');
    const session = await browser.newBrowserCDPSession();
    await session.send('Browser.close');
    await ended;
  },
);
