// oidc-provider set up to look like CIS2: its routes, scopes, claims, algorithms and habits.

import { generateKeyPairSync, randomBytes } from 'node:crypto';

import { errorPage, signedOutPage, signOutPage } from './pages.mjs';
import { claimsByScope, idTokenClaims, people, userInfoClaims } from './people.mjs';
import { chosenRole, pageFor } from './sign-in.mjs';

export const routes = {
  authorization: '/authorize',
  token: '/access_token',
  userinfo: '/userinfo',
  jwks: '/connect/jwk_uri',
  end_session: '/connect/endSession',
  revocation: '/token/revoke',
};

/** Takes logout tokens: `sid` is only put into the ID tokens of clients that have such an address. */
export const LOGOUT_SINK = '/logout-tokens';

const signingKey = () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' };
};

const client = (issuer, asked) => ({
  response_types: ['code'],
  grant_types: ['authorization_code'],
  backchannel_logout_uri: `${issuer}${LOGOUT_SINK}`,
  backchannel_logout_session_required: true,
  ...asked,
});

const findAccount = (ctx, sub, token) => {
  const person = Object.values(people).find((known) => known.sub === sub);
  if (person === undefined) return undefined;
  return {
    accountId: sub,
    claims: async (use) => (use === 'id_token'
      ? idTokenClaims(person, chosenRole(token?.grantId), ctx.oidc.client.clientId)
      : userInfoClaims(person)),
  };
};

/** The whole set-up for `new Provider(issuer, …)`; `clients` as in dynamic registration. */
export const configuration = (issuer, clients) => ({
  clients: clients.map((asked) => client(issuer, asked)),
  jwks: { keys: [signingKey()] },
  cookies: { keys: [randomBytes(32).toString('hex')] },
  routes,
  scopes: Object.keys(claimsByScope),
  claims: claimsByScope,
  // The ID token carries the claims of every scope, as far as findAccount gives them for it.
  conformIdTokenClaims: false,
  acrValues: ['AAL3_ANY', 'AAL2_OR_AAL3_ANY', 'AAL3_SMARTCARD'],
  findAccount,
  interactions: { url: pageFor },
  clientAuthMethods: ['client_secret_post', 'client_secret_basic', 'private_key_jwt'],
  enabledJWA: { clientAuthSigningAlgValues: ['RS256', 'RS384', 'RS512', 'PS256', 'ES256'] },
  features: {
    devInteractions: { enabled: false },
    claimsParameter: { enabled: true },
    revocation: { enabled: true, allowedPolicy: (ctx, asking, token) => asking.clientId === token.clientId },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: (ctx, form) => { ctx.body = signOutPage(form); },
      postLogoutSuccessSource: (ctx) => { ctx.body = signedOutPage(); },
    },
    backchannelLogout: { enabled: true },
  },
  ttl: { AccessToken: 3600, AuthorizationCode: 60, Grant: 3600, IdToken: 3600, Interaction: 600, Session: 3600 },
  renderError: (ctx, { error, error_description: description }) => {
    ctx.type = 'html';
    ctx.body = errorPage(error, description);
  },
  // The library refuses to post logout tokens to loopback addresses; here everything is one.
  fetch: (url, { dispatcher, ...options }) => globalThis.fetch(url, options),
});
