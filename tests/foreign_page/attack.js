// Everything a page can send to the agent at PORT, with the tokens of a native program and of
// another origin's page. Shows what came of each: "failed", "opaque" (sent, not readable), "sent"
// (nothing comes back by its nature), or what it got.
const NAMES = [`127.0.0.1:${PORT}`, `localhost:${PORT}`];
const LIMIT_MS = 10_000;
const outcomes = {};

const within = (promise) => Promise.race([
  promise,
  new Promise((resolve) => setTimeout(() => resolve('nothing came in time'), LIMIT_MS)),
]);

const asks = async (name, ask) => {
  outcomes[name] = await within(ask().catch(() => 'failed'));
};

const fetched = async (url, options) => {
  const answer = await fetch(url, options);
  if (answer.type === 'opaque') return 'opaque';
  return `read ${answer.status} ${(await answer.text()).slice(0, 40)}`;
};

const loaded = (element, attributes) => new Promise((resolve) => {
  const made = Object.assign(document.createElement(element), attributes);
  made.onload = () => resolve('loaded');
  made.onerror = () => resolve('failed');
  document.body.append(made);
});

const socket = (url, protocols) => new Promise((resolve) => {
  const opened = new WebSocket(url, protocols);
  opened.onopen = () => resolve('opened');
  opened.onerror = () => resolve('failed');
});

// A frame without an origin, as a sandbox or a data: address has none.
const framed = (script) => new Promise((resolve) => {
  const hears = ({ data }) => {
    if (!data.outcome) return;
    removeEventListener('message', hears);
    resolve(data.outcome);
  };
  addEventListener('message', hears);
  const frame = document.createElement('iframe');
  frame.sandbox = 'allow-scripts';
  frame.srcdoc = `<script>(async () => { ${script} })()
    .then((outcome) => parent.postMessage({ outcome }, '*'),
      () => parent.postMessage({ outcome: 'failed' }, '*'));</` + 'script>';
  document.body.append(frame);
});

const form = (action, fields) => new Promise((resolve) => {
  const name = `target-${Math.random()}`;
  const frame = Object.assign(document.createElement('iframe'), { name });
  document.body.append(frame);
  const made = Object.assign(document.createElement('form'), {
    action, method: 'post', target: name, enctype: 'text/plain',
  });
  for (const [field, value] of Object.entries(fields)) {
    made.append(Object.assign(document.createElement('input'), { name: field, value, type: 'hidden' }));
  }
  document.body.append(made);
  frame.onload = () => {
    // A page of another origin is there, or an error page; neither can be read.
    let read = 'sent';
    try {
      if (frame.contentDocument?.body?.innerText) read = `read ${frame.contentDocument.body.innerText}`;
    } catch { /* what is to be */ }
    resolve(read);
  };
  made.submit();
});

(async () => {
  for (const host of NAMES) {
    const at = (path) => `http://${host}${path}`;
    for (const [index, token] of TOKENS.entries()) {
      const headers = { authorization: `Bearer ${token}` };
      const which = `${host} token ${index}`;
      await asks(`fetch ${which}`, () => fetched(at('/v1/session'), { headers }));
      await asks(`fetch events ${which}`, () => fetched(at('/v1/events'), { headers }));
      await asks(`post ${which}`, () => fetched(at('/v1/session/logout'), {
        method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: '{}',
      }));
      await asks(`websocket ${which}`, () => socket(
        `ws://${host}/v1/events/ws`, ['cardea.v1', `bearer.${token}`],
      ));
      await asks(`fetch without an origin ${which}`, () => framed(
        `const answer = await fetch('${at('/v1/session')}', { headers: ${JSON.stringify(headers)} });
         return 'read ' + answer.status;`,
      ));
      await asks(`websocket without an origin ${which}`, () => framed(
        `return await new Promise((resolve) => {
           const opened = new WebSocket('ws://${host}/v1/events/ws', ['cardea.v1', 'bearer.${token}']);
           opened.onopen = () => resolve('opened');
           opened.onerror = () => resolve('failed');
         });`,
      ));
    }
    await asks(`health ${host}`, () => fetched(at('/v1/health')));
    await asks(`no-cors get ${host}`, () => fetched(at('/v1/session'), { mode: 'no-cors' }));
    await asks(`no-cors post ${host}`, () => fetched(at('/v1/session/logout'), {
      method: 'POST', mode: 'no-cors', body: '{}',
    }));
    await asks(`no-cors logout token ${host}`, () => fetched(at('/v1/session/logout-token'), {
      method: 'POST', mode: 'no-cors', body: new URLSearchParams({ logout_token: 'x' }),
    }));
    await asks(`credentials ${host}`, () => fetched(at('/v1/session'), { credentials: 'include' }));
    await asks(`pairing of a page that is not secure ${host}`, () => fetched(at('/v1/pairings'), {
      method: 'POST', headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Page', scopes: ['session:read'] }),
    }));
    await asks(`simple pairing ${host}`, () => fetched(at('/v1/pairings'), {
      method: 'POST', headers: { 'content-type': 'text/plain' },
      body: JSON.stringify({ name: 'Page', scopes: ['session:read'] }),
    }));
    await asks(`event source ${host}`, () => new Promise((resolve) => {
      const source = new EventSource(at('/v1/events'));
      source.onopen = () => resolve('opened');
      source.onerror = () => { source.close(); resolve('failed'); };
    }));
    await asks(`image ${host}`, () => loaded('img', { src: at('/v1/health') }));
    await asks(`script ${host}`, () => loaded('script', { src: at('/v1/openapi.json') }));
    await asks(`form ${host}`, () => form(at('/v1/session/logout'), { '{"session_id":"': '"}' }));
    await asks(`beacon ${host}`, async () => {
      navigator.sendBeacon(at('/v1/session/logout'), '{}');
      return 'sent';
    });
  }
  // A name of the attacker's that leads here, as after DNS rebinding: Chromium takes every name
  // under localhost for this computer.
  const rebound = `http://rebound.localhost:${PORT}`;
  await asks('rebound fetch', () => fetched(`${rebound}/v1/health`));
  await asks('rebound no-cors', () => fetched(`${rebound}/v1/session`, { mode: 'no-cors' }));
  await asks('rebound websocket', () => socket(
    `ws://rebound.localhost:${PORT}/v1/events/ws`, ['cardea.v1', `bearer.${TOKENS[0]}`],
  ));
  document.body.innerText = JSON.stringify(outcomes);
  document.body.id = 'done';
})();
