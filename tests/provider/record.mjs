// Tells the test what the provider saw: each sign-in asked for, token given, revoked, session ended.

import { routes } from './configuration.mjs';
import { say } from './wire.mjs';

const sessions = new Map();

/** Subscribes to what oidc-provider reports by itself. */
export const recordEvents = (provider) => {
  provider.on('authorization.success', ({ oidc }, answer) => {
    const { session, client } = oidc;
    sessions.set(session.sidFor(client.clientId), session.uid);
    say({ saw: 'code_given', client_id: client.clientId, error: answer.error });
  });
  provider.on('authorization.error', (_ctx, { error, error_description: why }) => {
    say({ saw: 'sign_in_refused', error, why });
  });
  provider.on('grant.success', ({ oidc }) => {
    const { AccessToken: token, Client: client } = oidc.entities;
    say({ saw: 'tokens_given', grant: token.grantId, sub: token.accountId, client_id: client.clientId });
  });
  provider.on('grant.error', (_ctx, { error, error_description: why, error_detail: detail }) => {
    say({ saw: 'tokens_refused', error, why, detail });
  });
  provider.on('userinfo.error', (_ctx, { error }) => say({ saw: 'userinfo_refused', error }));
  provider.on('revocation.error', (_ctx, { error }) => say({ saw: 'revocation_refused', error }));
  provider.on('end_session.error', (_ctx, { error }) => say({ saw: 'end_session_refused', error }));
  provider.on('backchannel.error', (_ctx, { message }) => say({ saw: 'logout_token_lost', why: message }));
  provider.on('server_error', (_ctx, error) => say({ saw: 'provider_failed', error: error.stack }));
};

const asked = ({ query }) => Object.fromEntries([
  'client_id', 'redirect_uri', 'response_type', 'scope', 'acr_values', 'prompt', 'max_age', 'code_challenge_method',
].map((name) => [name, query[name]]));

/** Koa middleware for what the library has no event for. */
export const recordRequests = (provider) => async (ctx, next) => {
  if (ctx.path === routes.authorization) say({ saw: 'sign_in_asked', ...asked(ctx) });
  await next();

  const { AccessToken: token, IdTokenHint: hint } = ctx.oidc?.entities ?? {};
  if (ctx.path === routes.userinfo && ctx.status === 200) say({ saw: 'userinfo_given', grant: token.grantId });
  if (ctx.path === routes.revocation && ctx.status === 200) say({ saw: 'token_revoked', grant: token?.grantId });
  if (ctx.path === routes.end_session && hint !== undefined) await endSession(provider, ctx, hint.payload);
};

/**
 * Ends the session that the ID token names, without asking in the browser: ForgeRock AM, which CIS2 is,
 * finds it through the token, and the agent's call comes without the browser's cookies.
 */
const endSession = async (provider, ctx, { sid, sub }) => {
  const session = await provider.Session.findByUid(sessions.get(sid) ?? '');
  await session?.destroy();
  sessions.delete(sid);
  ctx.status = 204;
  ctx.body = null;
  say({ saw: 'session_ended', sub, found: session !== undefined });
};
