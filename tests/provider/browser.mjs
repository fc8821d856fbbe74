// One headless Chromium, driven line by line by a test.
//
// In:  {"open": URL} {"fill": SELECTOR, "value": …} {"press": SELECTOR} {"wait": SELECTOR}
//      {"page": true} {"screenshot": FILE}
// Out: {"ready": true} once, then for each command {"url", "title", "text"} of the page, or {"error"}.
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

const seen = async () => ({
  url: page.url(),
  title: await page.title(),
  text: await page.locator('body').innerText(),
});

const obey = async (command) => {
  if (command.open) await page.goto(command.open, { waitUntil: 'domcontentloaded' });
  else if (command.fill) await page.fill(command.fill, command.value);
  else if (command.press) await page.click(command.press);
  else if (command.wait) await page.waitForSelector(command.wait);
  else if (command.screenshot) await page.screenshot({ path: command.screenshot, fullPage: true });
  else if (!command.page) throw new Error(`unknown command: ${Object.keys(command)}`);
  return seen();
};

say({ ready: true });
await listen(
  async (command) => say(await obey(command).catch((error) => ({ error: error.message }))),
  () => browser.close(),
);
