// What the live regions of the page say, and that nothing that happens takes the focus.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { focused, hears, pagesOf, play } from './browser.mjs';

const visit = pagesOf('dist-played');
const OMNIKEY = 'HID OMNIKEY 3x21 Smart Card Reader 01 00';

test('a day at the desk is told step by step, and the focus stays where it is', () => visit('played.html?scene=no_card#about', async (page) => {
  await page.getByRole('link', { name: 'Readers' }).focus();
  for (const [scene, role, text] of [
    ['card', 'status', `Card seen in ${OMNIKEY}.`],
    ['signing_in', 'status', 'Signing in. Finish signing in in the browser window that has opened.'],
    ['waiting', 'status', 'Signing in. Waiting until another user of this computer has signed in.'],
    ['signed_in', 'status', 'Signed in: Ada Example, Nurse Access Role, The Example Practice (A99999).'],
    ['other_role', 'status', 'The role was changed: Ada Example, Admin/Clinical Support Access Role, The Example Practice (A99999).'],
    ['expiring', 'alert', 'You will be signed out in 1 minute. Nobody has used a connected program for a while.'],
    ['signed_in', 'status', 'You stay signed in.'],
    ['other_user', 'alert', 'Signed out. Somebody else signed in.'],
    ['signed_in', 'status', 'Signed in: Ada Example, Nurse Access Role, The Example Practice (A99999).'],
    ['card_removed', 'alert', 'Signed out. The card was taken out.'],
    ['unreadable', 'alert', 'The card in the reader cannot be read. Take the card out'],
    ['service_stopped', 'alert', 'The smartcard service of this computer is not running.'],
    ['restarting', 'alert', 'Cardea is restarting, so nobody is signed in.'],
    ['no_card', 'status', 'Cardea is running.'],
    ['pairing', 'status', 'A program asks to be connected.'],
  ]) {
    await play(page, scene);
    await hears(page, role, text);
    assert.equal(await focused(page), 'a Readers');
  }
}));

test('the countdown runs, and is not read out as it does', () => visit('played.html?scene=signed_in', async (page) => {
  const timer = page.getByRole('timer');
  const first = await timer.textContent();
  await page.waitForFunction((text) => document.querySelector('[role=timer]').textContent !== text, first);
  assert.equal(await timer.evaluate((one) => one.closest('[aria-live]')), null);
  for (const role of ['status', 'alert']) assert.equal((await page.locator(`body > [role=${role}]`).textContent()).trim(), '');
}));

test('equal texts are said again', () => visit('played.html?scene=card', async (page) => {
  const marked = () => page.evaluate(() => (document.querySelector('body > [role=status] p').dataset.old = 'yes'));
  for (const _twice of [1, 2]) {
    await play(page, 'no_card');
    await hears(page, 'status', 'Card gone');
    await play(page, 'card');
    await page.locator('body > [role=status] p:not([data-old])').filter({ hasText: 'Card seen' }).waitFor({ state: 'attached' });
    await marked();
  }
}));

test('what ends the session is shown on every view', () => visit('played.html?scene=signed_in#activity', async (page) => {
  await play(page, 'expiring');
  await page.getByRole('heading', { name: 'You will soon be signed out' }).waitFor();
  await page.getByRole('button', { name: 'Stay signed in' }).click();
  await page.getByRole('heading', { name: 'You will soon be signed out' }).waitFor({ state: 'detached' });
}));
