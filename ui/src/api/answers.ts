// What the agent's other routes answer (contract, section 4.2).

import type { Reader } from './snapshot.ts';

/** A program that may call. */
export interface AppListing {
  readonly id: string;
  readonly name: string;
  readonly origins: readonly string[];
  readonly program?: string;
  readonly scopes: readonly string[];
  readonly source: 'policy' | 'installation' | 'file' | 'paired' | 'added' | (string & {});
  readonly added_at?: string;
  readonly last_used_at?: string;
}

/** A program that asks to be let in. Only `from` is known; `name` is what it claims. */
export interface PairingListing {
  readonly id: string;
  readonly name: string;
  readonly from: { readonly origin?: string; readonly program?: string; readonly signer?: string };
  readonly scopes: readonly string[];
  readonly seconds_left: number;
}

/** One line of the audit: ids and codes only. */
export interface ActivityEntry {
  readonly at: string;
  readonly action: string;
  readonly app?: string;
  readonly session_id?: string;
  readonly reason?: string;
}

export interface Removal {
  readonly at: string;
  readonly reader: string;
  readonly published_after_us: number;
}

export interface Diagnostics {
  readonly readers: readonly Reader[];
  /** The oldest first. */
  readonly removals: readonly Removal[];
  readonly settings: readonly { readonly key: string; readonly value: string; readonly origin: string }[];
  readonly uptime_s: number;
  readonly version: string;
}

export type Outcome = 'ok' | 'warning' | 'failure' | 'skipped';

export interface CheckReport {
  readonly id: string;
  readonly title: string;
  readonly outcome: Outcome;
  readonly summary: string;
  readonly details?: readonly string[];
  readonly code?: string;
  readonly remedy?: string;
  readonly note?: string;
  readonly took_ms: number;
}

export interface CheckCounts {
  readonly ok: number;
  readonly warnings: number;
  readonly failures: number;
  readonly skipped: number;
}

export type DoctorEvent =
  | { readonly event: 'check.started'; readonly id: string; readonly title: string }
  | { readonly event: 'check.finished'; readonly check: CheckReport }
  | { readonly event: 'doctor.finished'; readonly counts: CheckCounts };

export type Place = 'policy' | 'installation' | 'file' | 'user' | 'default';

export interface SettingRow {
  /** `table.key`, or `table.key.id` for an entry. */
  readonly key: string;
  readonly value: string;
  readonly place: Place;
  readonly path?: string;
  readonly line?: number;
  readonly value_name?: string;
}

/** The settings that are the user's to change. */
export interface Desktop {
  readonly language: string;
  readonly autostart: boolean;
  readonly show_name: boolean;
  readonly notifications: readonly string[];
  readonly allow_quit: boolean;
  readonly browser: string;
}

export interface Settings {
  readonly rows: readonly SettingRow[];
  readonly desktop: Desktop;
}
