// The latencies of the last removals as bars.

import type { Removal } from '../api/answers.ts';
import { words } from '../strings/index.ts';

export const WIDTH = 320;
export const HEIGHT = 120;
const MOST = 20;
const GAP = 4;
const WIDEST = 40;
/** Above the highest bar stands its number. */
const HEAD = 20;

export interface Bar {
  readonly removal: Removal;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly text: string;
  /** Whether its number stands above it. */
  readonly isHighest: boolean;
}

const milliseconds = ({ published_after_us }: Removal) => published_after_us / 1_000;

/** The ones that are shown, the oldest first. */
const last = (removals: readonly Removal[]) => removals.slice(-MOST);

export function latencyText(removal: Removal): string {
  const took = milliseconds(removal);
  return words.activity.milliseconds(took < 10 ? took.toFixed(1) : took.toFixed(0));
}

export function bars(removals: readonly Removal[]): Bar[] {
  const shown = last(removals);
  const highest = Math.max(...shown.map(milliseconds));
  const step = Math.min(WIDTH / shown.length, WIDEST);
  return shown.map((removal, index) => {
    const took = milliseconds(removal);
    const height = Math.max(1, (took / (highest || 1)) * (HEIGHT - HEAD));
    return {
      removal, x: index * step, y: HEIGHT - height, width: step - GAP, height, text: latencyText(removal), isHighest: took === highest,
    };
  });
}

/** How many, the median and the longest, in a sentence. */
export function summary(removals: readonly Removal[]): string {
  const sorted = last(removals).sort((one, other) => one.published_after_us - other.published_after_us);
  const [median, longest] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted.at(-1)];
  if (!median || !longest) return words.activity.removalsNone;
  return words.activity.removalsSummary(sorted.length, latencyText(median), latencyText(longest));
}
