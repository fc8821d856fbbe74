// Snapshots and views for tests.

export const NOW = Date.parse('2026-01-05T09:20:00Z');
export const at = (seconds) => new Date(NOW + seconds * 1_000).toISOString();

export const session = (more = {}) => ({
  id: 's1', started_at: at(-1_200), expires_at: at(40_000), idle_expires_at: at(900), card_bound: true, readers: ['Omnikey'],
  user: {
    id: '555000000001', name: 'Ada Example', selected_roleid: 'r1',
    roles: [
      { person_roleid: 'r1', display_name: 'Nurse Access Role', org_code: 'A99999', org_name: 'The Example Practice' },
      { person_roleid: 'r2', display_name: 'Admin Role', org_code: 'B88888' },
    ],
  },
  ...more,
});

export const reader = (state, name = 'Omnikey') => ({ name, state });

export const view = (more = {}, around = {}) => ({
  agent: 'running', pairings: 0, server_time: at(0),
  snapshot: {
    boot: 'b1', revision: 1, environment: 'live', issuer: 'https://example/', state: 'no_card', since: at(-60),
    readers: [reader('empty')], ...more,
  },
  ...around,
});

export const active = (more = {}, others = {}) =>
  view({ state: 'active', readers: [reader('present')], session: session(more), ...others });
