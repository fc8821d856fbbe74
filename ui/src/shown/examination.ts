// A run of the doctor as it goes on.

import type { CheckCounts, CheckReport, DoctorEvent, Outcome } from '../api/answers.ts';
import { words } from '../strings/index.ts';

export interface Check {
  readonly id: string;
  readonly title: string;
  readonly state: Outcome | 'running';
  readonly report?: CheckReport;
}

export interface Examination {
  readonly checks: readonly Check[];
  readonly counts?: CheckCounts;
}

export const NOTHING_YET: Examination = { checks: [] };

export function examinationAfter(run: Examination, event: DoctorEvent): Examination {
  switch (event.event) {
    case 'check.started':
      return including(run, { id: event.id, title: event.title, state: 'running' });
    case 'check.finished': {
      const { check } = event;
      return including(run, { id: check.id, title: check.title, state: check.outcome, report: check });
    }
    case 'doctor.finished':
      return { ...run, counts: event.counts };
    default:
      // A newer agent may say more.
      return run;
  }
}

function including(run: Examination, check: Check): Examination {
  const known = run.checks.some(({ id }) => id === check.id);
  const checks = known ? run.checks.map((old) => (old.id === check.id ? check : old)) : [...run.checks, check];
  return { ...run, checks };
}

/** The run without what was under way when it stopped. */
export function onlyDone(run: Examination): Examination {
  return { ...run, checks: run.checks.filter(({ state }) => state !== 'running') };
}

/** What came of a run that is over, in a sentence. */
export function outcomeOf({ counts }: Examination): string {
  if (!counts) return words.computer.stopped;
  return words.computer.counts(counts.ok, counts.warnings, counts.failures, counts.skipped);
}

/** Where the run is, in a sentence. */
export function progressOf(run: Examination): string {
  const { checks, counts } = run;
  if (counts) return outcomeOf(run);
  const done = checks.filter(({ state }) => state !== 'running').length;
  const current = checks.find(({ state }) => state === 'running');
  return words.computer.running(current?.title ?? '…', done);
}
