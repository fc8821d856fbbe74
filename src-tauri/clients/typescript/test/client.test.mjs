// The client against an agent in memory.

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { Client, pair } from '../dist/index.js';
import { Agent, TOKEN, World, problem, reply, snapshot, until } from './fake.mjs';

let agent;
let world;
let client;

const clientAt = (options = {}) => new Client({ app: 'gp app', token: TOKEN, ...options }, undefined, world);

beforeEach(() => {
  agent = new Agent();
  world = new World(agent);
  client = clientAt();
  agent.answers['/v1/session'] = () => reply(200, snapshot('A', 5, 's1'), { etag: '"A-5-x"' });
});

test('the agent is found on whichever of its ports it is', async () => {
  agent.port = 28099;
  assert.equal((await client.session()).snapshot.revision, 5);
  assert.deepEqual(agent.requests.map(({ port }) => port), [28099, 28099]);
});

test('who does not prove to be the agent never gets the token', async () => {
  const proofs = [
    () => reply(200, { status: 'ok', boot: 'A', proof: 'bDmxhUNLipq55BvqZI_SfCqBHHWS56yEo6ACjl_r2Hw' }),
    () => reply(200, { status: 'ok' }),
    () => new Response('<html>hello</html>'),
    () => problem(401, 'token_missing'),
    // What the real agent on another port says: its proof names its own port.
    ({ query }) => agent.fetch(`http://127.0.0.1:28099/v1/health?${query}`, { headers: {} }),
  ];
  agent.port = 28099;
  for (const [index, answer] of proofs.entries()) agent.others[28080 + index] = answer;
  await client.session();
  const squatters = agent.requests.filter(({ port }) => port !== 28099);
  assert.equal(squatters.length, proofs.length);
  assert.ok(squatters.every(({ path, token }) => path === '/v1/health' && token === undefined));

  await assert.rejects(clientAt({ url: 'http://127.0.0.1:28080' }).session(), { code: 'not_proven' });
  agent.isDown = true;
  await assert.rejects(client.session(), { code: 'not_running' });
});

test('each request is preceded by a proof of its own', async () => {
  await client.session();
  await client.session();
  assert.deepEqual(agent.requests.map(({ path }) => path), ['/v1/health', '/v1/session', '/v1/health', '/v1/session']);
  const [first, , second] = agent.requests;
  assert.notEqual(first.query.get('nonce'), second.query.get('nonce'));
  assert.equal(first.query.get('app'), 'gp app');
});

test('a port that hangs does not keep the others waiting', async () => {
  agent.port = 28081;
  agent.others[28080] = () => new Promise(() => {});
  const asked = client.session();
  await world.pass(200);
  assert.equal((await asked).snapshot.boot, 'A');
});

test('an agent that does not answer is given up', async () => {
  agent.answers['/v1/session'] = () => new Promise(() => {});
  const asked = client.session();
  const failed = assert.rejects(asked, { code: 'timed_out' });
  while (agent.requests.length < 2) await new Promise(setImmediate);
  await world.pass(5_000);
  await failed;
});

test('a problem document becomes a typed error', async () => {
  agent.answers['/v1/session/login'] = () => problem(429, 'rate_limited', { detail: 'Too often.', remedy: 'Wait.' });
  await assert.rejects(client.login(), { name: 'ProblemError', status: 429, code: 'rate_limited', message: 'Too often.', remedy: 'Wait.' });
  agent.answers['/v1/session/login'] = () => reply(429, { code: 'rate_limited' }, { 'retry-after': '7' });
  await assert.rejects(client.login(), { retryAfter: 7 });
  agent.answers['/v1/session/login'] = () => new Response(null, { status: 403 });
  await assert.rejects(client.login(), { name: 'CardeaError', code: 'refused' });
  agent.answers['/v1/session/login'] = () => new Response('<html>', { status: 500 });
  await assert.rejects(client.login(), { code: 'answer' });
});

test('an answer without end is not read to its end', async () => {
  const endless = new ReadableStream({ pull: (pipe) => pipe.enqueue(new Uint8Array(65_536).fill(97)) });
  agent.answers['/v1/app'] = () => new Response(endless);
  await assert.rejects(client.info(), { code: 'answer' });
});

test('what the API calls for is what is sent', async () => {
  agent.answers['/v1/session/login'] = () => reply(202, { attempt: 'a1' });
  agent.answers['/v1/session/logout'] = () => new Response(null, { status: 204 });
  agent.answers['/v1/session/activity'] = () => new Response(null, { status: 204 });
  agent.answers['/v1/session/tokens'] = () => reply(200, { id_token: 'x.y.z' });
  assert.equal(await client.login('change_role'), 'a1');
  await client.logout('s1');
  await client.activity();
  assert.equal((await client.tokens()).id_token, 'x.y.z');
  const sent = agent.requests.filter(({ path }) => path !== '/v1/health');
  assert.deepEqual(sent.map(({ body }) => body), ['{"change_role":true}', '{"session_id":"s1"}', '{}', null]);
  assert.ok(sent.every(({ token }) => token === `Bearer ${TOKEN}`));
  assert.deepEqual(sent.map(({ headers }) => headers['content-type']), [...Array(3).fill('application/json'), undefined]);
});

test('a program that polls waits for another tag', async () => {
  const { tag } = await client.session();
  agent.answers['/v1/session'] = ({ headers, query }) => {
    assert.equal(headers['if-none-match'], tag);
    return query.get('wait') === '25'
      ? reply(200, snapshot('A', 6), { etag: '"A-6-x"' }) : new Response(null, { status: 304 });
  };
  assert.equal(await client.sessionChange(tag, 0), undefined);
  assert.equal((await client.sessionChange(tag, 99)).snapshot.revision, 6);
});

test('only addresses on loopback with a port are taken', () => {
  for (const url of ['http://127.0.0.1:1', 'http://localhost:28080/', 'http://[::1]:28080']) clientAt({ url });
  for (const url of [
    '', '127.0.0.1:28080', 'http://127.0.0.1', 'https://127.0.0.1:28080', 'http://127.0.0.1:28080/v1',
    'http://192.0.2.1:28080', 'http://localhost.example:28080', 'http://a@127.0.0.1:28080', 'http://127.0.0.1:99999',
  ]) assert.throws(() => clientAt({ url }), { code: 'address' }, url);
});

test('pairing gives the token once the user has typed the code', async () => {
  const claims = [reply(202, { status: 'waiting' }, { 'retry-after': '1' }), reply(200, { app: 'p1', token: TOKEN })];
  agent.answers['/v1/pairings'] = () => reply(201, { id: 'x/1', code: '123-456', claim_secret: 'c' });
  agent.answers['/v1/pairings/x%2F1/token'] = () => claims.shift();
  const codes = [];
  const paired = pair({ name: 'Records', scopes: ['session:read'], showCode: (code) => codes.push(code) }, undefined, world);
  while (codes.length === 0) await new Promise(setImmediate);
  await world.pass(2_000);
  await until(() => claims.length === 1);
  await world.pass(1_000);
  assert.deepEqual(await paired, { app: 'p1', token: TOKEN });
  assert.deepEqual(codes, ['123-456']);
  assert.deepEqual(agent.requests.map(({ body }) => body), [
    '{"name":"Records","scopes":["session:read"]}', '{"claim_secret":"c"}', '{"claim_secret":"c"}',
  ]);
});

test('pairing that is refused says why', async () => {
  agent.answers['/v1/pairings'] = () => problem(403, 'pairing_off');
  const options = { name: 'Records', scopes: [], showCode: () => assert.fail() };
  await assert.rejects(pair(options, undefined, world), { code: 'pairing_off' });
});

test('pairing can be given up while the user has not typed the code', async () => {
  agent.answers['/v1/pairings'] = () => reply(201, { id: 'x', code: '123-456', claim_secret: 'c' });
  const giveUp = new AbortController();
  const options = { name: 'Records', scopes: [], showCode: () => setImmediate(() => giveUp.abort()), signal: giveUp.signal };
  await assert.rejects(pair(options, undefined, world), { code: 'aborted' });
  assert.deepEqual(agent.requests.map(({ path }) => path), ['/v1/pairings']);
});
