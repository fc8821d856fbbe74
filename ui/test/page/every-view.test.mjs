// Every view in every state that looks different: axe-core in both themes and with forced colours, no
// scrolling sideways, nothing that the policy refuses, no request to another host.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import { pagesOf } from './browser.mjs';
import { shown } from './shown.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

const visit = pagesOf('dist-played');

async function examine(page, theme) {
  const { violations } = await page.evaluate((tags) => window.axe.run(document, { runOnly: tags }), TAGS);
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join('\n')}`), [], JSON.stringify(theme));
}

async function fits(page) {
  const [content, width] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(content <= width, `${content} px wide in ${width} px`);
}

const THEMES = [
  { colorScheme: 'light', forcedColors: 'none' },
  { colorScheme: 'dark', forcedColors: 'none' },
  { colorScheme: 'light', forcedColors: 'active' },
  { colorScheme: 'dark', forcedColors: 'active' },
];

for (const { name, path, title, ready } of shown) {
  test(`${name}: axe-core finds nothing in any theme`, () => visit(path, async (page) => {
    await ready?.(page);
    // Through the debugger: the page's own policy would refuse it as a script.
    await page.evaluate(AXE);
    assert.equal(await page.title(), `${title} – Cardea`);
    for (const theme of THEMES) {
      await page.emulateMedia({ ...theme, reducedMotion: 'reduce' });
      await examine(page, theme);
    }
  }));

  test(`${name}: 320 px, 200 % zoom and text of twice the size need no scrolling sideways`, () => visit(path, async (page) => {
    await ready?.(page);
    // A window of 900 or 640 px that is zoomed to 200 % has as many px of CSS, each of two dots.
    for (const width of [450, 320]) {
      await page.setViewportSize({ width, height: 400 });
      await fits(page);
    }
    await page.setViewportSize({ width: 900, height: 760 });
    await page.evaluate(() => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync('html { font-size: 200%; }');
      document.adoptedStyleSheets = [sheet];
    });
    await fits(page);
  }, { deviceScaleFactor: 2 }));
}

test('buttons can be read under the pointer in every theme', () => visit('played.html?scene=signed_in#now', async (page) => {
  await page.evaluate(AXE);
  for (const theme of THEMES) {
    await page.emulateMedia({ ...theme, reducedMotion: 'reduce' });
    for (const button of await page.getByRole('main').getByRole('button').all()) {
      await button.hover();
      await examine(page, theme);
    }
  }
}));

test('what to answer before a program is disconnected is inside the window', () => visit('played.html?scene=signed_in#programs', async (page) => {
  const disconnect = page.getByRole('button', { name: /^Disconnect / }).last();
  await disconnect.evaluate((button) => {
    button.scrollIntoView({ block: 'end' });
    button.focus({ preventScroll: true });
  });
  await page.keyboard.press('Enter');
  const keep = await page.getByRole('button', { name: 'Keep' }).boundingBox();
  assert.ok(keep.y + keep.height <= page.viewportSize().height, JSON.stringify(keep));
}));
