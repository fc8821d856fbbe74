// What the person does at the provider: passcode, then a role when there are several.

import { errorPage, passcodePage, rolePage } from './pages.mjs';
import { people } from './people.mjs';
import { say } from './wire.mjs';

const PAGE = /^\/sign-in\/[\w-]+$/;
const FORM_LIMIT = 4096;

const passcodeGiven = new Map();
const roleOfGrant = new Map();

/** The role that was chosen for a grant; undefined when none was asked or there is none. */
export const chosenRole = (grantId) => roleOfGrant.get(grantId);

export const pageFor = (_ctx, interaction) => `/sign-in/${interaction.uid}`;

/** What a form posts. */
export const form = async (req) => {
  let body = '';
  for await (const part of req) {
    body += part;
    if (body.length > FORM_LIMIT) throw new Error('the form is too long');
  }
  return new URLSearchParams(body);
};

const show = (ctx, name, html) => {
  say({ saw: name });
  ctx.type = 'html';
  ctx.set('cache-control', 'no-store');
  ctx.body = html;
};

/** Koa middleware for the pages; `evidence` is what a sign-in here counts as (`acr`, `amr`). */
export const signInPages = (provider, evidence) => async (ctx, next) => {
  if (!PAGE.test(ctx.path)) return next();
  const interaction = await provider.interactionDetails(ctx.req, ctx.res).catch(() => undefined);
  if (interaction === undefined) {
    ctx.status = 400;
    ctx.body = errorPage('unknown_sign_in', 'This sign-in has ended.');
    return undefined;
  }
  const { uid, params } = interaction;

  if (ctx.method === 'GET') return show(ctx, 'passcode_page', passcodePage(false));
  if (ctx.method !== 'POST') return ctx.throw(405);

  const fields = await form(ctx.req);
  if (fields.has('refuse')) return finish(ctx, { error: 'access_denied', error_description: 'cancelled' });

  if (fields.has('pin')) {
    const known = people[fields.get('pin')];
    if (known === undefined) return show(ctx, 'passcode_page', passcodePage(true));
    passcodeGiven.set(uid, known);
  }
  const person = passcodeGiven.get(uid);
  if (person === undefined) return show(ctx, 'passcode_page', passcodePage(true));

  const choice = roleChoice(person, params.scope, fields.get('role'));
  if (choice === 'ask') return show(ctx, 'role_page', rolePage(person));

  passcodeGiven.delete(uid);
  const grant = new provider.Grant({ accountId: person.sub, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  const grantId = await grant.save();
  if (choice !== undefined) roleOfGrant.set(grantId, choice);
  return finish(ctx, { login: { accountId: person.sub, ...evidence }, consent: { grantId } });

  async function finish({ req, res }, result) {
    ctx.respond = false;
    await provider.interactionFinished(req, res, result, { mergeWithLastSubmission: false });
  }
};

/** The role's id; `ask` when the person has to choose; undefined when there is nothing to choose. */
const roleChoice = (person, scope, chosen) => {
  if (!/\b(selected|changed)role\b/.test(scope)) return undefined;
  if (person.roles.length < 2) return person.roles[0]?.person_roleid;
  return person.roles.some((role) => role.person_roleid === chosen) ? chosen : 'ask';
};
