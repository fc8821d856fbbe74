// Every view, in each state that looks different.

const at = (page, scene, more = '') => `played.html?scene=${scene}${more}#${page}`;

const checked = async (page) => {
  await page.getByRole('button', { name: 'Run the checks' }).click();
  await page.getByText('Checks done:').last().waitFor();
};

export const shown = [
  { name: 'introduction', path: at('now', 'no_card', '&first'), title: 'Welcome to Cardea', ready: (page) => page.getByText('Continue').waitFor() },
  { name: 'no-reader', path: at('now', 'no_reader'), title: 'Now' },
  { name: 'no-card', path: at('now', 'no_card'), title: 'Now' },
  { name: 'card', path: at('now', 'card'), title: 'Now' },
  { name: 'signing-in', path: at('now', 'signing_in'), title: 'Now' },
  { name: 'signed-in', path: at('now', 'signed_in'), title: 'Now' },
  { name: 'unbound', path: at('now', 'unbound'), title: 'Now' },
  { name: 'expiring', path: at('now', 'expiring'), title: 'Now' },
  { name: 'card-removed', path: at('now', 'card_removed'), title: 'Now' },
  { name: 'unreadable', path: at('now', 'unreadable'), title: 'Now' },
  { name: 'service-stopped', path: at('now', 'service_stopped'), title: 'Now' },
  { name: 'restarting', path: at('now', 'restarting'), title: 'Now' },
  { name: 'programs', path: at('programs', 'pairing'), title: 'Programs', ready: (page) => page.getByText('letters.exe').first().waitFor() },
  {
    name: 'readers', path: at('readers', 'card'), title: 'Readers', ready: async (page) => {
      await page.getByRole('button', { name: 'Examine readers and cards' }).click();
      await page.getByLabel('ATR', { exact: true }).waitFor();
    },
  },
  { name: 'activity', path: at('activity', 'signed_in'), title: 'Activity', ready: async (page) => {
    await page.getByText('Show as a table').click();
  } },
  { name: 'computer', path: at('computer', 'signed_in'), title: 'This computer', ready: checked },
  { name: 'about', path: at('about', 'card'), title: 'About', ready: (page) => page.getByText('Apache-2.0').waitFor() },
];
