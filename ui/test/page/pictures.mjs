// Pictures of every view, to be looked at: `node test/page/pictures.mjs FOLDER`.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { shown } from './shown.mjs';
import { launch, open, serve } from './served.mjs';

const folder = process.argv[2] ?? 'pictures';
mkdirSync(folder, { recursive: true });
const { origin, close } = await serve('dist-played');
const browser = await launch();
for (const colorScheme of ['light', 'dark']) {
  for (const one of shown) {
    const { page, close: done } = await open(browser, origin, one.path, { colorScheme });
    await one.ready?.(page);
    await page.screenshot({ path: join(folder, `${one.name}-${colorScheme}.png`), fullPage: true });
    await done();
  }
}
for (const one of shown) {
  const { page, close: done } = await open(browser, origin, one.path, { viewport: { width: 320, height: 700 } });
  await one.ready?.(page);
  await page.screenshot({ path: join(folder, `${one.name}-narrow.png`), fullPage: true });
  await done();
}
await browser.close();
close();
