// What the window knows, for every view: the agent's last word, its time, what is to be said aloud,
// and the doctor's last run.

import { createContext } from 'svelte';

import { type Session, type View, sessionOf } from './api/snapshot.ts';
import type { Backend } from './backend.ts';
import { Doing } from './doing.svelte.ts';
import { type Announcement, changes, endingChange } from './shown/announcements.ts';
import { ServerClock } from './shown/clock.ts';
import { type Ending, endingOf } from './shown/ending.ts';
import { type Examination, NOTHING_YET, examinationAfter, onlyDone, outcomeOf } from './shown/examination.ts';
import { words } from './strings/index.ts';

const TICK_MS = 1_000;
/** Using a program moves the idle deadline, and no event tells of that. */
const ASK_AGAIN_MS = 20_000;

export class Desk {
  view = $state.raw<View | null>(null);
  /** The agent's time, in milliseconds since 1970. */
  now = $state(Date.now());
  /** The last text of each live region; the number tells two equal ones apart. */
  status = $state.raw({ number: 0, text: '' });
  alert = $state.raw({ number: 0, text: '' });
  examination = $state.raw<Examination>(NOTHING_YET);
  readonly examining = new Doing();

  /** Another text for each snapshot, and the same for each view of one. */
  readonly revision: string = $derived(`${this.view?.snapshot?.boot} ${this.view?.snapshot?.revision}`);
  readonly session: Session | undefined = $derived(sessionOf(this.view));
  readonly ending: Ending | undefined = $derived(this.session && endingOf(this.session, this.now));

  readonly #clock = new ServerClock();
  #warned: Ending | undefined;
  /** So many views came. */
  #heard = 0;

  constructor(readonly backend: Backend) {}

  /** Follows the agent until the answer is called. */
  start(): () => void {
    let over = false;
    let stop: (() => void) | undefined;
    void this.backend.follow((view) => this.#hear(view)).then((unlisten) => {
      if (over) unlisten();
      else stop = unlisten;
    }, () => undefined);
    void this.#ask();
    const tick = setInterval(() => this.#tick(), TICK_MS);
    const again = setInterval(() => {
      if (this.view?.agent !== 'running' || this.session) void this.#ask();
    }, ASK_AGAIN_MS);
    return () => {
      over = true;
      stop?.();
      clearInterval(tick);
      clearInterval(again);
    };
  }

  /** Says something of what the user has just done. */
  say(text: string): void {
    this.#say([{ urgency: 'status', text }]);
  }

  /** Has the session go on, and shows until when. */
  async stay(): Promise<void> {
    const wasNear = this.ending?.near;
    await this.backend.staySignedIn();
    // That a warning is withdrawn is said as a change.
    if (!wasNear) this.say(words.announced.stays);
    await this.#ask();
  }

  /** Runs the checks and says what came of them, also when the view that asked was left meanwhile. */
  async examine(cis2: boolean): Promise<void> {
    const done = await this.examining.run(async () => {
      this.examination = NOTHING_YET;
      try {
        await this.backend.doctor(cis2, (event) => {
          this.examination = examinationAfter(this.examination, event);
        });
      } finally {
        this.examination = onlyDone(this.examination);
      }
    });
    if (done) this.say(outcomeOf(this.examination));
  }

  async #ask(): Promise<void> {
    const before = this.#heard;
    try {
      const view = await this.backend.now();
      // What was heard meanwhile is newer.
      if (before === this.#heard) this.#hear(view);
    } catch {
      // The next event says what there is to know.
    }
  }

  #hear(view: View): void {
    this.#heard += 1;
    const known = this.view?.snapshot;
    // An event may be overtaken by an answer.
    const isOld = known && view.snapshot?.boot === known.boot && view.snapshot.revision < known.revision;
    if (isOld) return;
    this.#clock.set(view.server_time, performance.now());
    this.#say(changes(this.view, view));
    this.view = view;
    this.#tick();
  }

  #tick(): void {
    this.now = this.#clock.at(performance.now(), Date.now());
    const { warned, say } = endingChange(this.session, this.#warned, this.now);
    this.#warned = warned;
    this.#say(say);
  }

  #say(announcements: readonly Announcement[]): void {
    for (const urgency of ['status', 'alert'] as const) {
      const texts = announcements.filter((one) => one.urgency === urgency).map(({ text }) => text);
      if (texts.length > 0) this[urgency] = { number: this[urgency].number + 1, text: texts.join(' ') };
    }
  }
}

export const [desk, putDesk] = createContext<Desk>();
