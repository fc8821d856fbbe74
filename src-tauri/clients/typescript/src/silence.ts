// Silence is logout (contract, sections 4.3 and 4.4): decides from what comes over the stream, what
// does not come, and the clocks, whether somebody may count as signed in. Pure.

import { CardeaError, ProblemError } from './error.js';
import type { StreamEvent } from './event.js';
import { type Environment, type Session, type Snapshot, activeSession } from './snapshot.js';
import { CHECKING, type SignedOutReason, type View } from './view.js';

/** So long without a live snapshot, and the session counts as ended. All in milliseconds. */
const LONGEST_DOUBT = 3_000;

/** So much more on the wall clock than on the monotonic one, and the computer slept. */
const DRIFT = 2_000;

/** So long without being called, and this process slept. It is called every second, */
const STALL = 5_000;

/** or every minute, where browsers slow timers down: in a page that nobody sees. */
const THROTTLED_STALL = 90_000;

/** The time, on both clocks. */
export interface Now {
  readonly wall: number;
  readonly monotonic: number;
  readonly throttled: boolean;
}

/** How the stream was lost. */
export type Loss =
  /** It closed, broke, or cannot be opened: maybe for a moment only. */
  | 'closed'
  /** 30 s without a byte. */
  | 'silent'
  /** The agent says no. */
  | 'refused';

/** Something that is known. */
export type Signal =
  /** A message came; `old` when it may have been under way for long. */
  | { readonly kind: 'event'; readonly event: StreamEvent; readonly old?: boolean }
  /** The agent answered a question that was asked after everything before. */
  | { readonly kind: 'answer'; readonly snapshot: Snapshot }
  | { readonly kind: 'lost'; readonly loss: Loss }
  /** The program is about to be frozen, or has just woken. */
  | { readonly kind: 'woken' }
  | { readonly kind: 'tick' };

/** Whether what the stream still holds can be read on, or may be old: then open a new one. */
export type Stream = 'good' | 'stale';

export function lossBy(error: CardeaError): Loss {
  if (error.code === 'silent') return 'silent';
  const isNo = error instanceof ProblemError && (error.status === 401 || error.status === 403);
  return isNo || error.code === 'refused' ? 'refused' : 'closed';
}

/** The state of knowledge. */
export class Silence {
  #view: View = CHECKING;
  #boot: string | undefined;
  #revision = 0;
  /** The furthest that any message told of. */
  #heard = 0;
  /** Messages up to here are counted in what the agent answered since. */
  #answered = 0;
  /** No live snapshot until then, on the monotonic clock: the session counts as ended. */
  #decideBy: number | undefined;
  #last: Now;
  #news: View[] = [];

  constructor(now: Now, private readonly environments: readonly Environment[]) {
    this.#last = now;
    this.#decideBy = now.monotonic + LONGEST_DOUBT;
  }

  /** What a program may show now. */
  get view(): View {
    return this.#view;
  }

  /** When the next `tick` is due at the latest, on the monotonic clock. */
  get decideBy(): number | undefined {
    return this.#decideBy;
  }

  /** The views since this was asked last, in order. */
  news(): View[] {
    const news = this.#news;
    this.#news = [];
    return news;
  }

  handle(signal: Signal, now: Now): Stream {
    const slept = this.#hasSlept(now);
    this.#last = now;
    if (slept || signal.kind === 'woken') this.#wake(now);
    if (signal.kind === 'event') this.#hear(signal.event, slept || signal.old === true, now);
    if (signal.kind === 'answer') this.#take(signal.snapshot, slept);
    if (signal.kind === 'lost') this.#lose(signal.loss, now);
    if (this.#decideBy !== undefined && now.monotonic >= this.#decideBy) this.#decide('agent_lost');
    return slept ? 'stale' : 'good';
  }

  #hasSlept(now: Now): boolean {
    const ran = Math.max(0, now.monotonic - this.#last.monotonic);
    const stall = now.throttled || this.#last.throttled ? THROTTLED_STALL : STALL;
    return ran > stall || now.wall - this.#last.wall > ran + DRIFT;
  }

  #hear(event: StreamEvent, old: boolean, now: Now): void {
    if (event.boot === this.#boot && event.revision <= this.#answered && event.event !== 'snapshot') {
      return;
    }
    this.#meet(event.boot);
    this.#heard = Math.max(this.#heard, event.revision);
    if (event.event === 'session.ended') this.#lock(event.reason ?? 'unknown');
    else if (event.event === 'gap') this.#doubt(now);
    else if (event.event === 'snapshot' && event.snapshot) {
      if (event.revision < this.#answered) return;
      const { snapshot } = event;
      const live = event.replayed !== true && !old && event.revision >= this.#revision;
      this.#revision = Math.max(this.#revision, event.revision);
      if (live) this.#learn(snapshot);
      else this.#learnFromThePast(snapshot);
    }
  }

  #take(snapshot: Snapshot, slept: boolean): void {
    this.#meet(snapshot.boot);
    // The stream may have overtaken the answer.
    const live = !slept && snapshot.revision >= Math.max(this.#revision, this.#heard);
    this.#revision = Math.max(this.#revision, snapshot.revision);
    if (!live) return this.#learnFromThePast(snapshot);
    this.#answered = snapshot.revision;
    this.#learn(snapshot);
  }

  #meet(boot: string): void {
    if (this.#boot !== undefined && this.#boot !== boot) {
      this.#revision = 0;
      this.#heard = 0;
      this.#answered = 0;
      if (this.#shown()) this.#lock('agent_restarted');
    }
    this.#boot = boot;
  }

  /** A live snapshot: the only thing that unlocks. */
  #learn(snapshot: Snapshot): void {
    this.#decideBy = undefined;
    const shown = this.#shown();
    const session = activeSession(snapshot);
    if (!session) return this.#lock(signedOutBy(snapshot, shown));
    if (!this.environments.includes(snapshot.environment)) return this.#lock('other_environment');
    if (shown && shown.id !== session.id) this.#lock('other_session');
    this.#show({ kind: 'signedIn', session, snapshot });
  }

  /** A snapshot that may be old can lock only. */
  #learnFromThePast(snapshot: Snapshot): void {
    if (!activeSession(snapshot)) this.#lock(signedOutBy(snapshot, this.#shown()));
  }

  #lose(loss: Loss, now: Now): void {
    if (loss === 'closed') this.#decideBy ??= now.monotonic + LONGEST_DOUBT;
    else this.#decide(loss === 'silent' ? 'agent_silent' : 'refused');
  }

  /** Locks until a live snapshot decides. */
  #doubt(now: Now): void {
    if (this.#view.kind !== 'signedIn') return;
    this.#show(CHECKING);
    this.#decideBy = now.monotonic + LONGEST_DOUBT;
  }

  /** The same; time that nobody could use does not count. */
  #wake(now: Now): void {
    this.#doubt(now);
    if (this.#view.kind === 'checking') this.#decideBy = now.monotonic + LONGEST_DOUBT;
  }

  #decide(reason: SignedOutReason): void {
    this.#decideBy = undefined;
    this.#lock(reason);
  }

  #shown(): Session | undefined {
    return this.#view.kind === 'signedIn' ? this.#view.session : undefined;
  }

  #lock(reason: SignedOutReason): void {
    this.#show({ kind: 'signedOut', reason });
  }

  #show(view: View): void {
    if (isSame(view, this.#view)) return;
    this.#view = view;
    this.#news.push(view);
  }
}

/** Why nobody is signed in by `snapshot`, to a program that shows the session `shown`. */
function signedOutBy(snapshot: Snapshot, shown: Session | undefined): SignedOutReason {
  const end = snapshot.last_end;
  return end && (!shown || shown.id === end.session_id) ? end.reason : 'not_signed_in';
}

function isSame(one: View, other: View): boolean {
  if (one.kind === 'signedOut' && other.kind === 'signedOut') return one.reason === other.reason;
  if (one.kind === 'signedIn' && other.kind === 'signedIn') {
    return JSON.stringify(one.snapshot) === JSON.stringify(other.snapshot);
  }
  return one.kind === other.kind;
}
