// A world in memory: clocks that the test moves, and an agent that answers as it is told.

import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';

export const TOKEN = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8';
const AT = '2026-01-05T09:00:00.000Z';

export const message = (event, boot, revision, more = {}) =>
  ({ event, boot, revision, at: AT, ...more });

/** With this session active, or with a card and nobody signed in. */
export const snapshot = (boot, revision, session, more = {}) => ({
  boot, revision, environment: 'simulated', issuer: 'https://cis2.example:443/', since: AT,
  readers: [], state: session ? 'active' : 'card_present',
  ...session && {
    session: {
      id: session, started_at: AT, expires_at: AT, idle_expires_at: AT, id_token_expires_at: AT,
      card_bound: true, readers: [], auth_time: AT, authentication_assurance_level: 3,
      id_assurance_level: 3,
    },
  },
  ...more,
});

export const snapshotMessage = (boot, revision, session, more) =>
  message('snapshot', boot, revision, { snapshot: snapshot(boot, revision, session, more) });

/** Waits until it is so; everything it waits for is in this process. */
export async function until(condition, what = String(condition)) {
  const limit = Date.now() + 5_000;
  while (!condition()) {
    assert.ok(Date.now() < limit, `not seen: ${what}`);
    await new Promise(setImmediate);
  }
}

/** A view in a word. */
export const named = (view) => ({
  checking: () => 'checking',
  signedIn: () => view.session.id,
  signedOut: () => view.reason,
})[view.kind]();

export class World {
  /** Milliseconds since the test began. */
  now = 0;
  slept = 0;
  throttled = false;
  #timers = new Set();

  constructor(agent) {
    this.agent = agent;
    this.fetch = (url, init) => agent.fetch(url, init);
    this.monotonic = () => this.now;
    this.wall = () => 1_800_000_000_000 + this.now + this.slept;
    this.isThrottled = () => this.throttled;
    this.after = (milliseconds, f) => {
      const timer = { due: this.now + milliseconds, f };
      this.#timers.add(timer);
      return () => this.#timers.delete(timer);
    };
  }

  /** Lets time pass, timer by timer. */
  async pass(milliseconds) {
    const end = this.now + milliseconds;
    for (;;) {
      await new Promise(setImmediate);
      const [next] = [...this.#timers].sort((one, other) => one.due - other.due);
      if (!next || next.due > end) break;
      this.#timers.delete(next);
      this.now = Math.max(this.now, next.due);
      next.f();
    }
    this.now = end;
    await new Promise(setImmediate);
  }

  /** Time passes, and nothing is called: the process stands still. */
  standStill(milliseconds) {
    this.now += milliseconds;
  }
}

/** The agent on port 28080, and whoever else is on other ports. */
export class Agent {
  boot = 'A';
  port = 28080;
  isDown = false;
  /** Every request that reached somebody, the token with it where one was sent. */
  requests = [];
  /** Streams that were opened and not yet taken by the test. */
  opened = [];
  /** The answer of `/v1/session` and of other routes, by path. */
  answers = {};
  /** What other ports answer. */
  others = {};

  async fetch(url, init) {
    const { port, pathname, searchParams } = new URL(url);
    const request = {
      port: Number(port), path: pathname, query: searchParams, method: init.method,
      token: init.headers.authorization, headers: init.headers, body: init.body, signal: init.signal,
    };
    const other = this.others[port];
    if (this.isDown || (Number(port) !== this.port && !other)) throw new TypeError('fetch failed');
    this.requests.push(request);
    if (other) return other(request);
    if (pathname === '/v1/health') return this.#health(searchParams);
    if (pathname === '/v1/events' && !this.answers[pathname]) return this.#stream(request);
    const answer = this.answers[pathname] ?? (() => problem(404, 'not_found'));
    return answer(request);
  }

  /** The next stream that is opened. */
  async stream() {
    await until(() => this.opened.length > 0, 'a new stream');
    return this.opened.shift();
  }

  #health(query) {
    const key = createHash('sha256').update(TOKEN).digest();
    const proof = createHmac('sha256', key).update(`${query.get('nonce')}|${this.boot}|${this.port}`);
    return reply(200, { status: 'ok', boot: this.boot, proof: proof.digest('base64url') });
  }

  #stream(request) {
    let pipe;
    const body = new ReadableStream({ start: (controller) => { pipe = controller; } });
    const raw = (text) => pipe.enqueue(new TextEncoder().encode(text));
    this.opened.push({
      request, raw,
      say: (id, event) => raw(`event: ${event.event}\nid: ${id}\ndata: ${JSON.stringify(event)}\n\n`),
      mention: (event) => raw(`event: ${event.event}\ndata: ${JSON.stringify(event)}\n\n`),
      close: () => pipe.close(),
      get isDropped() { return request.signal.aborted; },
    });
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
  }
}

export const reply = (status, body, headers = {}) =>
  new Response(body === undefined ? null : JSON.stringify(body), { status, headers });

export const problem = (status, code, more = {}) =>
  reply(status, { type: 'about:blank', title: code, status, code, ...more });
