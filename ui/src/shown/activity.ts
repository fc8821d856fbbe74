// The audit's lines in words.

import type { ActivityEntry, AppListing } from '../api/answers.ts';
import { words } from '../strings/index.ts';

/** What happened; `apps` give the names to the ids. */
export function activityText({ action, app, reason }: ActivityEntry, apps: readonly AppListing[]): string {
  const say = words.activity.actions[action];
  if (!say) return [action, app, reason].filter(Boolean).join(' ');
  const name = apps.find(({ id }) => id === app)?.name ?? app ?? words.activity.aProgram;
  // `policy_changed` is both an end reason and a failure.
  const reasons = action === 'session_ended' ? words.ends : words.activity.failures;
  return say(name, reason === undefined ? '' : reasons[reason] ?? reason).trim();
}
