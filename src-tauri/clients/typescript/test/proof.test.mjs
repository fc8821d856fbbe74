import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';

import { Token, drawNonce } from '../dist/proof.js';

test('only the right proof is one', async () => {
  const token = new Token('token');
  // printf 'N|B|28080' | openssl dgst -sha256 -mac HMAC
  //     -macopt hexkey:$(printf token | sha256sum | cut -c-64) -binary | base64url
  const proof = 'bDmxhUNLipq55BvqZI_SfCqBHHWS56yEo6ACjl_r2Hw';
  assert.equal(await token.isProvenBy(proof, 'N', 'B', 28080), true);
  assert.equal(await token.isProvenBy(proof, 'N', 'B', 28081), false);
  assert.equal(await token.isProvenBy(proof, 'N', 'C', 28080), false);
  assert.equal(await token.isProvenBy(proof, 'M', 'B', 28080), false);
  assert.equal(await new Token('other').isProvenBy(proof, 'N', 'B', 28080), false);
  for (const none of ['', 'a', '?', proof.slice(1)]) {
    assert.equal(await token.isProvenBy(none, 'N', 'B', 28080), false);
  }
});

test('no nonce comes twice, and each can be sent', () => {
  const [one, other] = [drawNonce(), drawNonce()];
  assert.notEqual(one, other);
  assert.match(one, /^[A-Za-z0-9_-]{43}$/);
});

test('a token shows itself nowhere but in its header', () => {
  const token = new Token('s3cret');
  assert.equal(token.authorization(), 'Bearer s3cret');
  for (const shown of [inspect(token, { depth: 9, showHidden: true }), JSON.stringify(token), `${token}`]) {
    assert.ok(!shown.includes('s3cret'), shown);
  }
});

test('what cannot be sent is not a token', () => {
  for (const text of ['', 'two words', 'line\r\nbreak', 'ümlaut', 'x'.repeat(129)]) {
    assert.throws(() => new Token(text), { code: 'token' });
  }
});
