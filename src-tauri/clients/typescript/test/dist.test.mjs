// What is committed in `dist` is what the compiler makes of `src`: cardea-dev takes it from there,
// and is built without Node.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const files = (folder) => Object.fromEntries(
  readdirSync(folder).sort().map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
);

test('dist is what the compiler makes of src; `npm run build` renews it', (context) => {
  const fresh = mkdtempSync(join(tmpdir(), 'cardea-dist-'));
  context.after(() => rmSync(fresh, { recursive: true }));
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [compiler, '--outDir', fresh], { cwd: root, stdio: 'inherit' });
  assert.deepEqual(files(join(root, 'dist')), files(fresh));
});

test('nothing for browsers needs Node', () => {
  for (const [name, text] of Object.entries(files(join(root, 'dist')))) {
    if (!name.startsWith('node.')) assert.ok(!/from 'node:|NodeJS\.|process\./.test(text), name);
  }
});
