// A certified OpenID provider that behaves like CIS2, on a free loopback port, for one test.
//
// First line in:  {"clients": [...], "acr": "AAL3_ANY", "amr": ["N3_SMARTCARD"]}
// First line out: {"ready": {"issuer": "http://127.0.0.1:…"}}
// Then out: {"saw": …} as things happen; in: {"hold": PATH}, {"release": PATH}. The end of input ends it.

import { createServer } from 'node:http';

import { Provider } from 'oidc-provider';

import { configuration, LOGOUT_SINK } from './configuration.mjs';
import { hold, holdAnswers, release } from './holds.mjs';
import { recordEvents, recordRequests } from './record.mjs';
import { form, signInPages } from './sign-in.mjs';
import { listen, say } from './wire.mjs';

const start = async ({ clients, acr, amr }) => {
  const server = createServer();
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const issuer = `http://127.0.0.1:${server.address().port}`;

  const provider = new Provider(issuer, configuration(issuer, clients));
  recordEvents(provider);
  provider.use(holdAnswers);
  provider.use(signInPages(provider, { acr, amr }));
  provider.use(takeLogoutTokens);
  provider.use(recordRequests(provider));
  server.on('request', provider.callback());
  say({ ready: { issuer } });
};

const takeLogoutTokens = async (ctx, next) => {
  if (ctx.path !== LOGOUT_SINK) return next();
  say({ saw: 'logout_token_sent', token: (await form(ctx.req)).get('logout_token') });
  ctx.status = 204;
  return undefined;
};

let started = false;
await listen(async (message) => {
  if (!started) {
    started = true;
    await start(message);
  } else if (message.hold) hold(message.hold);
  else if (message.release) release(message.release);
  else throw new Error(`unknown message: ${Object.keys(message)}`);
});
