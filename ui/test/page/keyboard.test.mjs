// The way by keyboard through each view, and what is done with it.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { calls, focused, hears, pagesOf, play } from './browser.mjs';
import { shown } from './shown.mjs';

const visit = pagesOf('dist-played');
const TABBABLE = 'a[href], button, input:not([disabled]), select:not([disabled]), summary';

/** Tabs on until `name` has the focus. */
async function tabTo(page, name) {
  for (let stops = 0; stops < 60; stops += 1) {
    await page.keyboard.press('Tab');
    if ((await focused(page)).includes(name)) return;
  }
  assert.fail(`no way to ${name}`);
}

for (const { name, path, ready } of shown) {
  test(`${name}: Tab reaches everything in order, and one sees where one is`, () => visit(path, async (page) => {
    await ready?.(page);
    const count = await page.evaluate((selector) => {
      window.stops = [...document.querySelectorAll(selector)].filter((one) => one.checkVisibility());
      window.stops[0].focus();
      return window.stops.length;
    }, TABBABLE);
    assert.ok(count >= 7, `${count} stops`);
    for (let stop = 0; stop < count; stop += 1) {
      if (stop > 0) await page.keyboard.press('Tab');
      const seen = await page.evaluate((number) => {
        const one = document.activeElement;
        // Of a box that is drawn by its label, the label shows it.
        const shows = one.type === 'checkbox' ? getComputedStyle(one.nextElementSibling, '::before') : getComputedStyle(one);
        const inner = one.tagName === 'SUMMARY' ? getComputedStyle(one.firstElementChild) : shows;
        const yellow = 'rgb(255, 235, 59)';
        return {
          expected: one === window.stops[number],
          visible: [shows.outlineColor, shows.backgroundColor, shows.boxShadow, inner.backgroundColor].some((colour) => colour.includes(yellow)),
          which: one.outerHTML.slice(0, 200),
        };
      }, stop);
      assert.ok(seen.expected, `stop ${stop} is ${seen.which}`);
      assert.ok(seen.visible, `the focus is not seen on ${seen.which}`);
    }
  }));
}

test('the first stop leads past the ways to the views', () => visit('played.html?scene=card', async (page) => {
  await page.keyboard.press('Tab');
  assert.equal(await focused(page), 'a Skip to main content');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  assert.equal(await focused(page), 'button Log in with my Care Identity');
}));

test('choosing a view puts the focus on its heading and changes the title; going back does too', () => visit('played.html?scene=card', async (page) => {
  for (const name of ['Programs', 'Readers', 'Activity', 'This computer', 'About']) {
    await page.getByRole('link', { name }).focus();
    await page.keyboard.press('Enter');
    await page.waitForFunction((text) => document.activeElement.tagName === 'H1' && document.activeElement.textContent === text, name);
    assert.equal(await page.title(), `${name} – Cardea`);
  }
  await page.goBack();
  await page.waitForFunction(() => document.title.startsWith('This computer'));
}));

test('from the login to signing out', () => visit('played.html?scene=card', async (page) => {
  await tabTo(page, 'Log in with my Care Identity');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement.textContent.trim() === 'Cancel');
  await tabTo(page, 'Show the sign-in address');
  await page.keyboard.press('Enter');
  assert.match(await page.getByLabel('Sign-in address').inputValue(), /^http:\/\/127\.0\.0\.1:9000\//);
  await play(page, 'signed_in');
  await page.getByText('Ada Example', { exact: true }).waitFor();
  await tabTo(page, 'Change role');
  await page.keyboard.press('Enter');
  await page.getByText('You stay signed in while this is under way.').waitFor();
  await play(page, 'signed_in');
  await page.getByRole('button', { name: 'Sign out' }).focus();
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement.textContent.trim() === 'Log in with my Care Identity');
  assert.deepEqual(await calls(page), ['login sign_in', 'login_address', 'login change_role', 'logout']);
}));

test('a refused step says why and what to do', () => visit('played.html?scene=card', async (page) => {
  await page.evaluate(() => window.played.refuseNext({
    code: 'card_not_recognised', message: 'The card is not one that this computer accepts.', remedy: 'Insert an NHS Smartcard.',
  }));
  await page.getByRole('button', { name: 'Log in' }).press('Enter');
  const said = page.locator('main [role=alert]');
  await said.waitFor();
  assert.equal((await said.innerText()).replace(/\s+/g, ' '), 'The card is not one that this computer accepts. What to do: Insert an NHS Smartcard.');
}));

test('a program is let in by the code that it shows', () => visit('played.html?scene=pairing#programs', async (page) => {
  const code = page.getByLabel('Six-digit code').first();
  await code.fill('12 34');
  await code.press('Enter');
  await page.getByText('Type all six digits.').waitFor();
  await code.fill('65 43 21');
  await code.press('Enter');
  await page.getByText('That is not the code that the program shows. Tries left: 4.').waitFor();
  assert.equal(await code.getAttribute('aria-invalid'), 'true');
  assert.ok(await code.evaluate((one) => one === document.activeElement));
  await code.evaluate((one) => {
    const pasted = new DataTransfer();
    pasted.setData('text', 'Code: 123 456\n');
    one.dispatchEvent(new ClipboardEvent('paste', { clipboardData: pasted, bubbles: true, cancelable: true }));
  });
  assert.equal(await code.inputValue(), '123456');
  await code.press('Enter');
  await hears(page, 'status', 'Dictation is connected.');
  await page.waitForFunction(() => document.activeElement.textContent === 'Connected programs');
  await page.getByRole('button', { name: 'Decline the request of C:\\Program Files\\Example\\Letters\\letters.exe' }).press('Enter');
  await hears(page, 'status', 'The request was declined.');
  assert.deepEqual(await calls(page), ['approve q1 654321', 'approve q1 123456', 'decline q2']);
}));

test('the focus is not lost with what had it', () => visit('played.html?scene=pairing#programs', async (page) => {
  await page.getByLabel('Six-digit code').first().fill('12');
  await play(page, 'signed_in');
  await page.waitForFunction(() => document.activeElement.textContent === 'Connected programs');
  await play(page, 'expiring');
  await page.getByRole('button', { name: 'Stay signed in' }).press('Enter');
  await page.waitForFunction(() => document.activeElement.tagName === 'H1');
  await play(page, 'expiring');
  await page.getByRole('button', { name: 'Stay signed in' }).focus();
  await play(page, 'expiring_lifetime');
  await page.waitForFunction(() => document.activeElement.tagName === 'H1');
}));

test('a program is disconnected only when asked twice', () => visit('played.html?scene=signed_in#programs', async (page) => {
  const button = page.getByRole('button', { name: 'Disconnect Document workflow' });
  await button.press('Enter');
  assert.equal(await focused(page), 'p Disconnect Document workflow? It has to ask again to be connected.');
  await page.getByRole('button', { name: 'Keep' }).press('Enter');
  await button.press('Enter');
  await page.getByRole('button', { name: 'Yes, disconnect' }).press('Enter');
  await hears(page, 'status', 'Document workflow is disconnected.');
  assert.equal(await button.count(), 0);
  assert.deepEqual(await calls(page), ['revoke_app p-1']);
}));

test('the checks are seen one by one, and run again with CIS2', () => visit('played.html?scene=card&stepwise#computer', async (page) => {
  await page.getByRole('button', { name: 'Run the checks' }).press('Enter');
  await page.getByText('Checking: Versions (0 checks done)').waitFor();
  await page.getByRole('progressbar', { name: 'Checks under way' }).waitFor();
  await page.evaluate(() => window.played.step());
  await page.getByText('Checking: Settings (1 check done)').waitFor();
  await page.getByRole('heading', { name: 'Versions: OK' }).waitFor();
  for (let step = 0; step < 7; step += 1) {
    await page.evaluate(() => window.played.step());
  }
  await hears(page, 'status', 'Checks done: 5 OK, 1 to look at, 1 failed, 1 not checked.');
  await page.getByRole('heading', { name: 'Browser policies: Needs a look' }).waitFor();
  await page.getByLabel('Also compare what CIS2 offers').check();
  await page.getByRole('button', { name: 'Run the checks again' }).press('Enter');
  await page.getByText('Checking: Versions (0 checks done)').waitFor();
  assert.deepEqual(await calls(page), ['doctor false', 'doctor true']);
}));

test('a run of the checks that fails while another view is shown says so on both views of it', () => visit('played.html?scene=card&stepwise#computer', async (page) => {
  await page.getByRole('button', { name: 'Run the checks' }).press('Enter');
  await page.getByText('Checking: Versions (0 checks done)').waitFor();
  await page.evaluate(() => window.played.step());
  await page.getByText('Checking: Settings (1 check done)').waitFor();
  await page.getByRole('link', { name: 'About' }).press('Enter');
  await page.getByText('Apache-2.0').waitFor();
  await page.evaluate(() => {
    window.played.refuseNext({ code: 'agent_down', message: 'Cardea does not answer.', remedy: 'Wait a moment.' });
    window.played.step();
  });
  await page.getByRole('link', { name: 'This computer' }).press('Enter');
  await page.getByText('The checks did not come to their end.').waitFor();
  assert.deepEqual(await page.locator('.window-check__title').allInnerTexts(), ['Versions: OK']);
  assert.ok(await page.locator('main [role=alert]').getByText('Cardea does not answer.').isVisible());
  await page.getByRole('link', { name: 'Readers' }).press('Enter');
  await page.locator('main [role=alert]').getByText('Cardea does not answer.').waitFor();
  await page.getByRole('button', { name: 'Examine readers and cards' }).press('Enter');
  await page.getByText('Checking: Versions (0 checks done)').waitFor();
  assert.equal(await page.getByText('Cardea does not answer.').count(), 0);
}));

test('settings are changed unless somebody above holds them', () => visit('played.html?scene=card#computer', async (page) => {
  await page.getByLabel('Start Cardea when').press('Space');
  await hears(page, 'status', 'Start Cardea when you sign in to this computer: saved.');
  assert.ok(await page.getByLabel('Show your name').isDisabled());
  assert.equal(await page.getByLabel('Show your name').evaluate((one) => document.getElementById(one.getAttribute('aria-describedby')).innerText.trim()), 'Set by policy');
  await page.getByLabel('You are signed in').press('Space');
  await hears(page, 'status', 'Notifications: saved.');
  await page.getByLabel('Language').selectOption('cy');
  await hears(page, 'status', 'Language: saved.');
  await page.evaluate(() => window.played.refuseNext({ code: 'bad_request', message: 'It is not there.', remedy: 'Name a program.' }));
  await page.getByRole('textbox', { name: 'Browser for signing in' }).fill('/usr/bin/no');
  await page.getByRole('button', { name: 'Save: Browser for signing in' }).press('Enter');
  await page.getByText('It is not there.').waitFor();
  await page.getByRole('button', { name: 'Save a support bundle' }).press('Enter');
  await hears(page, 'status', 'The support bundle was saved:');
  assert.deepEqual(await calls(page), [
    'set_desktop autostart false', 'set_desktop notifications ["signed_out","expiring","attention","pairing","signed_in"]',
    'set_desktop language "cy"', 'set_desktop browser "/usr/bin/no"', 'support_bundle',
  ]);
}));

test('the introduction is over when another view is chosen', () => visit('played.html?scene=card&first', async (page) => {
  await page.getByRole('heading', { name: 'Welcome to Cardea' }).waitFor();
  await page.getByRole('link', { name: 'About' }).press('Enter');
  await page.getByText('Apache-2.0').waitFor();
  assert.equal(await page.title(), 'About – Cardea');
  assert.deepEqual(await calls(page), ['first_start_done']);
}));

test('the introduction is shown once', () => visit('played.html?scene=card&first', async (page) => {
  await page.getByRole('button', { name: 'Continue' }).press('Enter');
  await page.getByRole('button', { name: 'Log in with my Care Identity' }).waitFor();
  assert.equal(await focused(page), 'h1 Now');
  assert.deepEqual(await calls(page), ['first_start_done']);
}));
