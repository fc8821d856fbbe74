// One Chromium and one server for the tests of a file.

import assert from 'node:assert/strict';
import { after, before } from 'node:test';

import { launch, open, serve } from './served.mjs';

/** Answers a function that opens a page, hands it to `look`, and sees that nothing happened that must not. */
export function pagesOf(folder) {
  let browser;
  let server;
  before(async () => {
    [browser, server] = await Promise.all([launch(), serve(folder)]);
  });
  after(async () => {
    await browser?.close();
    server?.close();
  });
  return async (path, look, options) => {
    const { page, faults, close } = await open(browser, server.origin, path, options);
    try {
      await look(page);
      assert.deepEqual(faults, []);
    } finally {
      await close();
    }
  };
}

/** Waits until a live region says `text`. */
export async function hears(page, role, text) {
  await page.locator(`body > [role="${role}"]`).filter({ hasText: text }).waitFor({ state: 'attached' });
}

export const play = (page, scene) => page.evaluate((name) => window.played.show(name), scene);

export const calls = (page) => page.evaluate(() => window.played.calls);

/** What has the focus, in a few words. */
export const focused = (page) => page.evaluate(() => {
  const { activeElement: one } = document;
  return `${one.tagName.toLowerCase()} ${one.getAttribute('aria-label') ?? one.textContent.trim().replace(/\s+/g, ' ')}`.trim();
});
