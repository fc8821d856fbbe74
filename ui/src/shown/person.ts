// Who is signed in, in words.

import type { User } from '../api/snapshot.ts';
import { words } from '../strings/index.ts';

export interface Person {
  readonly name: string;
  readonly role: string;
  /** Absent without a role that CIS2 listed. */
  readonly organisation?: string;
}

export function personOf(user: User): Person {
  const parts = [user.given_name, user.family_name].filter(Boolean).join(' ');
  const name = user.name || parts || user.id;
  const role = user.roles?.find(({ person_roleid }) => person_roleid === user.selected_roleid);
  if (!role) return { name, role: user.selected_roleid ? words.now.unlistedRole : words.now.noRole };
  return {
    name,
    role: role.display_name,
    organisation: role.org_name ? `${role.org_name} (${role.org_code})` : role.org_code,
  };
}

/** On one line. */
export function sentence({ name, role, organisation }: Person): string {
  return [name, role, organisation].filter(Boolean).join(', ');
}
