// Times and durations in words.

import { words } from '../strings/index.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const format = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(words.locale, options);
const CLOCK = format({ hour: '2-digit', minute: '2-digit' });
const DAY_AND_CLOCK = format({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
const TO_THE_SECOND = format({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** The local time of day, with the date where it is not within half a day of `now`. */
export function clock(time: string, now: number): string {
  const at = Date.parse(time);
  if (Number.isNaN(at)) return time;
  return (Math.abs(at - now) < DAY / 2 ? CLOCK : DAY_AND_CLOCK).format(at);
}

/** The local date and time to the second. */
export function moment(time: string): string {
  const at = Date.parse(time);
  return Number.isNaN(at) ? time : TO_THE_SECOND.format(at);
}

/** At most two units; started seconds count. */
export function duration(milliseconds: number): string {
  const { hours, minutes, seconds } = words.duration;
  const left = Math.max(0, Math.ceil(milliseconds / SECOND) * SECOND);
  if (left >= HOUR) {
    return both(hours(Math.floor(left / HOUR)), Math.floor((left % HOUR) / MINUTE), minutes);
  }
  if (left >= MINUTE) return both(minutes(Math.floor(left / MINUTE)), (left % MINUTE) / SECOND, seconds);
  return seconds(left / SECOND);
}

function both(whole: string, rest: number, unit: (count: number) => string): string {
  return rest === 0 ? whole : `${whole} ${unit(rest)}`;
}
