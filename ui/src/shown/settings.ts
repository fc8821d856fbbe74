// Settings rows in words: where each comes from, and who holds it.

import type { Desktop, Place, SettingRow, Settings } from '../api/answers.ts';
import { words } from '../strings/index.ts';

const { computer } = words;

export interface Table {
  readonly name: string;
  readonly rows: readonly SettingRow[];
}

/** The rows by the first part of their keys, in the order in which they came. */
export function tables(rows: readonly SettingRow[]): Table[] {
  const byName = new Map<string, SettingRow[]>();
  for (const row of rows) {
    const name = row.key.split('.', 1)[0] ?? row.key;
    byName.set(name, [...(byName.get(name) ?? []), row]);
  }
  return [...byName].map(([name, rows]) => ({ name, rows }));
}

/** The key without its table. */
export function shortKey({ key }: SettingRow): string {
  return key.slice(key.indexOf('.') + 1);
}

export function placeText(place: Place): string {
  return computer.places[place] ?? place;
}

/** The file and line, or the registry key and value; empty for a default. */
export function spotText({ path, line, value_name }: SettingRow): string {
  if (!path) return '';
  return computer.at(path, line === undefined ? value_name ?? '' : computer.line(line));
}

/** Which place keeps the user's own value from counting; none where the user may choose. */
export function holder(key: keyof Desktop, { rows }: Settings): 'policy' | 'installation' | 'file' | undefined {
  const place = rows.find((row) => row.key === `desktop.${key}`)?.place;
  return place === 'policy' || place === 'installation' || place === 'file' ? place : undefined;
}
