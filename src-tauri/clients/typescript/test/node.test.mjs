import assert from 'node:assert/strict';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import * as browser from '../dist/index.js';
import * as node from '../dist/node.js';

test('the endpoint file is where the contract says', async () => {
  const files = (environment, platform = 'linux') => node.endpointFiles(platform, environment);
  assert.deepEqual(await files({ XDG_RUNTIME_DIR: '/run/user/7' }), ['/run/user/7/cardea/endpoint.json']);
  for (const environment of [{}, { XDG_RUNTIME_DIR: 'run' }]) {
    await assert.rejects(files(environment), { code: 'no_runtime_folder' });
  }
  await assert.rejects(files({ LOCALAPPDATA: 'C:\\u' }, 'win32'), { code: 'no_runtime_folder' });
  assert.deepEqual(await files({ LOCALAPPDATA: 'C:\\u', COMPUTERNAME: 'PC' }, 'win32'), []);
});

test('on Windows only the files of this computer count', () => {
  const names = ['endpoint-PC-1.json', 'endpoint-pc-12.json', 'endpoint-PC2-1.json', 'endpoint-PC-1.json.new', 'apps.json'];
  assert.deepEqual(node.ofThisComputer(names, 'PC'), ['endpoint-PC-1.json', 'endpoint-pc-12.json']);
});

test('the endpoint file is read anew each time, and a broken one said to be', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'cardea-'));
  context.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'endpoint.json');
  const places = node.byEndpointFile(file);
  await assert.rejects(places(), { code: 'not_running' });
  for (const port of [28080, 28081]) {
    await writeFile(file, JSON.stringify({ url: `http://127.0.0.1:${port}`, later: true }));
    assert.deepEqual(await places(), [{ url: `http://127.0.0.1:${port}`, port }]);
  }
  await writeFile(file, '{"url":"http://192.0.2.1:28080"}');
  await assert.rejects(places(), { code: 'address' });
  await writeFile(file, '{');
  await assert.rejects(places(), { code: 'endpoint' });
  await writeFile(file, '{"socket":"/run/x"}');
  await assert.rejects(places(), { code: 'not_running' });
  await mkdir(join(folder, 'folder'));
  await assert.rejects(node.byEndpointFile(join(folder, 'folder'))(), { code: 'endpoint' });
});

test('Node has what browsers have', () => {
  assert.deepEqual(Object.keys(browser).filter((name) => !(name in node)), []);
  const client = new node.Client({ app: 'a', token: 'b' });
  assert.ok(client instanceof browser.Client);
});
