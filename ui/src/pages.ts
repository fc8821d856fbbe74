// The views there are, and the order in which they are offered.

export const PAGES = ['now', 'programs', 'readers', 'activity', 'computer'] as const;

export type Page = (typeof PAGES)[number] | 'about';

export function pageOf(hash: string): Page {
  const name = hash.replace(/^#/, '');
  return [...PAGES, 'about' as const].find((page) => page === name) ?? 'now';
}
