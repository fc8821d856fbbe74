import assert from 'node:assert/strict';
import { test } from 'node:test';

import { LONGEST, Parser } from '../dist/parser.js';

const bytes = (text) => new TextEncoder().encode(text);

test('messages are the same however they are cut and lines end', () => {
  const text = ': hello\n\nid: 1\nevent: a\ndata: {"x":"ü"}\n\ndata:one\ndata: two\nretry: 5\n\n'
    + 'id: 2\n\ndata\n\n';
  const expected = [
    { id: '1', data: '{"x":"ü"}' }, { id: '1', data: 'one\ntwo' }, { id: '2', data: '' },
  ];
  for (const ending of ['\n', '\r\n', '\r']) {
    const all = bytes(text.replaceAll('\n', ending));
    for (let size = 1; size < all.length; size += 1) {
      const parser = new Parser();
      const blocks = [];
      for (let at = 0; at < all.length; at += size) blocks.push(...parser.read(all.slice(at, at + size)));
      assert.deepEqual(blocks, expected, `${JSON.stringify(ending)} ${size}`);
    }
  }
});

test('a message that never ends is refused', () => {
  assert.throws(() => new Parser().read(bytes('x'.repeat(LONGEST + 1))), { code: 'answer' });
  const parser = new Parser();
  const lines = bytes('data: xxxxxxxxxxxxxxxxxxxxxxxx\n'.repeat(1_000));
  assert.throws(() => {
    for (let at = 0; at < LONGEST; at += 24_000) parser.read(lines);
  }, { code: 'answer' });
});
