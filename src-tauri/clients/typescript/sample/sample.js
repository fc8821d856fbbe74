// A clinical program in a page: it shows patient data only while the view is `signedIn`.

import { CardeaError, Client, selectedRole } from './client/index.js';

/** So often the agent is told that the user is busy here, in milliseconds. */
const ACTIVITY = 30_000;

const LOCKED = {
  card_removed: 'The card was taken out, so you were signed out.',
  not_signed_in: 'Nobody is signed in.',
  agent_lost: 'Cardea does not answer, so the screen is locked.',
  agent_silent: 'Cardea does not answer, so the screen is locked.',
  refused: 'Cardea does not let this program see who is signed in.',
  other_environment: 'Cardea is set up for another CIS2 than this program.',
};

const part = (id) => document.getElementById(id);

/** Unsaved notes, by the user who wrote them: nobody sees another's. */
const notes = new Map();
let user;
let busySince = -ACTIVITY;

const answer = await fetch('/settings.json', { cache: 'no-store' });
const { app, token, url } = await answer.json();
// A sample is for no live CIS2; a program in use leaves `environment` out, and takes `live` only.
const environment = ['simulated', 'int', 'custom'];
const client = new Client({ app, token, environment, ...url && { url } });

part('login').addEventListener('click', () => {
  part('problem').textContent = '';
  client.login().catch(tell);
});

const watch = client.watch();
watch.on('view', show);
watch.on('event', (event) => {
  if (event.event === 'login.failed') {
    part('problem').textContent = `You were not signed in (${event.code}).`;
  }
});

function show(view) {
  if (view.kind === 'signedIn') unlock(view.session);
  else lock(view);
  document.body.dataset.view = view.kind;
}

function lock(view) {
  const wasOpen = user !== undefined;
  if (wasOpen) notes.set(user, part('note').value);
  user = undefined;
  part('record').replaceChildren();
  part('record').hidden = true;

  const checking = view.kind === 'checking';
  const title = checking ? 'Checking who is signed in' : 'The screen is locked';
  part('lock-title').textContent = title;
  document.title = `${checking ? 'Checking' : 'Locked'} – Sample records`;
  part('why').textContent = checking
    ? 'The screen is locked until Cardea has answered.'
    : LOCKED[view.reason] ?? `You were signed out (${view.reason}).`;
  part('kept').hidden = ![...notes.values()].some((note) => note !== '');
  part('lock').hidden = false;
  if (wasOpen) part('lock-title').focus();
}

function unlock(session) {
  const person = session.user;
  const id = person?.id ?? session.id;
  if (user !== id) {
    part('record').replaceChildren(part('open-record').content.cloneNode(true));
    part('note').value = notes.get(id) ?? '';
    part('note').addEventListener('input', busy);
    part('logout').addEventListener('click', () => client.logout(session.id).catch(tell));
    user = id;
  }
  const role = person && selectedRole(person);
  part('user').textContent = person?.name ?? 'somebody';
  part('role').textContent = role ? `${role.display_name} at ${role.org_name ?? role.org_code}` : 'none chosen';
  part('problem').textContent = '';
  document.title = 'Record – Sample records';
  part('lock').hidden = true;
  if (part('record').hidden) {
    part('record').hidden = false;
    part('record-title').focus();
  }
}

/** Typing keeps the session from ending as idle. */
function busy() {
  if (performance.now() - busySince < ACTIVITY) return;
  busySince = performance.now();
  client.activity().catch(tell);
}

function tell(error) {
  part('problem').textContent = error instanceof CardeaError ? `Cardea says: ${error.message}.` : String(error);
}
