// One headless Chromium, driven line by line by a test.
//
// In:  {"open": URL}, {"wait": SELECTOR}, {"arrive": start of an address}: answered with the page,
//      {"url", "title", "text"}; {"fill": SELECTOR, "value": …}, {"press": SELECTOR},
//      {"screenshot": FILE}: answered with {}.
// Out: {"ready": true} once, then one answer for each command; {"error"} when it could not be done.
// The end of input closes the browser, wherever it is.

import { chromium } from 'playwright-core';

import { listen, say } from './wire.mjs';

const LIMIT_MS = 20_000;

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  headless: true,
  // Tests run as root too, where Chromium's own sandbox refuses to start.
  chromiumSandbox: false,
  args: [
    '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', '--password-store=basic',
  ],
});
const page = await browser.newPage();
page.setDefaultTimeout(LIMIT_MS);

const shown = async () => ({
  text: await page.locator('body').innerText(),
  title: await page.title(),
  url: page.url(),
});

const obey = async (command) => {
  if (command.fill) await page.fill(command.fill, command.value);
  else if (command.press) {
    // Whoever answers the page that this leads to may be waiting for the test.
    await page.click(command.press, { noWaitAfter: true });
  } else if (command.screenshot) await page.screenshot({ path: command.screenshot, fullPage: true });
  else {
    if (command.open) await page.goto(command.open, { waitUntil: 'domcontentloaded' });
    else if (command.wait) await page.waitForSelector(command.wait);
    else if (command.arrive) {
      await page.waitForURL(({ href }) => href.startsWith(command.arrive), { waitUntil: 'domcontentloaded' });
    } else throw new Error(`unknown command: ${Object.keys(command)}`);
    return shown();
  }
  return {};
};

say({ ready: true });
await listen(
  async (command) => say(await obey(command).catch((error) => ({ error: error.message }))),
  () => browser.close(),
);
