// Silence is logout (contract, sections 4.3 and 4.4): decides from what comes over the stream, what
// does not come, and the clocks, whether somebody may count as signed in. Pure.
import { CardeaError, ProblemError } from './error.js';
import { activeSession } from './snapshot.js';
import { CHECKING } from './view.js';
/** So long without a live snapshot, and the session counts as ended. All in milliseconds. */
const LONGEST_DOUBT = 3_000;
/** So much more on the wall clock than on the monotonic one, and the computer slept. */
const DRIFT = 2_000;
/** So long without being called, and this process slept. It is called every second, */
const STALL = 5_000;
/** or every minute, where browsers slow timers down: in a page that nobody sees. */
const THROTTLED_STALL = 90_000;
export function lossBy(error) {
    if (error.code === 'silent')
        return 'silent';
    const isNo = error instanceof ProblemError && (error.status === 401 || error.status === 403);
    return isNo || error.code === 'refused' ? 'refused' : 'closed';
}
/** The state of knowledge. */
export class Silence {
    environments;
    #view = CHECKING;
    #boot;
    #revision = 0;
    /** The furthest that any message told of. */
    #heard = 0;
    /** Messages up to here are counted in what the agent answered since. */
    #answered = 0;
    /** No live snapshot until then, on the monotonic clock: the session counts as ended. */
    #decideBy;
    #last;
    #news = [];
    constructor(now, environments) {
        this.environments = environments;
        this.#last = now;
        this.#decideBy = now.monotonic + LONGEST_DOUBT;
    }
    /** What a program may show now. */
    get view() {
        return this.#view;
    }
    /** When the next `tick` is due at the latest, on the monotonic clock. */
    get decideBy() {
        return this.#decideBy;
    }
    /** The views since this was asked last, in order. */
    news() {
        const news = this.#news;
        this.#news = [];
        return news;
    }
    handle(signal, now) {
        const slept = this.#hasSlept(now);
        this.#last = now;
        if (slept || signal.kind === 'woken')
            this.#wake(now);
        if (signal.kind === 'event')
            this.#hear(signal.event, slept || signal.old === true, now);
        if (signal.kind === 'answer')
            this.#take(signal.snapshot, slept);
        if (signal.kind === 'lost')
            this.#lose(signal.loss, now);
        if (this.#decideBy !== undefined && now.monotonic >= this.#decideBy)
            this.#decide('agent_lost');
        return slept ? 'stale' : 'good';
    }
    #hasSlept(now) {
        const ran = Math.max(0, now.monotonic - this.#last.monotonic);
        const stall = now.throttled || this.#last.throttled ? THROTTLED_STALL : STALL;
        return ran > stall || now.wall - this.#last.wall > ran + DRIFT;
    }
    #hear(event, old, now) {
        if (event.boot === this.#boot && event.revision <= this.#answered && event.event !== 'snapshot') {
            return;
        }
        this.#meet(event.boot);
        this.#heard = Math.max(this.#heard, event.revision);
        if (event.event === 'session.ended')
            this.#lock(event.reason ?? 'unknown');
        else if (event.event === 'gap')
            this.#doubt(now);
        else if (event.event === 'snapshot' && event.snapshot) {
            if (event.revision < this.#answered)
                return;
            const { snapshot } = event;
            const live = event.replayed !== true && !old && event.revision >= this.#revision;
            this.#revision = Math.max(this.#revision, event.revision);
            if (live)
                this.#learn(snapshot);
            else
                this.#learnFromThePast(snapshot);
        }
    }
    #take(snapshot, slept) {
        this.#meet(snapshot.boot);
        // The stream may have overtaken the answer.
        const live = !slept && snapshot.revision >= Math.max(this.#revision, this.#heard);
        this.#revision = Math.max(this.#revision, snapshot.revision);
        if (!live)
            return this.#learnFromThePast(snapshot);
        this.#answered = snapshot.revision;
        this.#learn(snapshot);
    }
    #meet(boot) {
        if (this.#boot !== undefined && this.#boot !== boot) {
            this.#revision = 0;
            this.#heard = 0;
            this.#answered = 0;
            if (this.#shown())
                this.#lock('agent_restarted');
        }
        this.#boot = boot;
    }
    /** A live snapshot: the only thing that unlocks. */
    #learn(snapshot) {
        this.#decideBy = undefined;
        const shown = this.#shown();
        const session = activeSession(snapshot);
        if (!session)
            return this.#lock(signedOutBy(snapshot, shown));
        if (!this.environments.includes(snapshot.environment))
            return this.#lock('other_environment');
        if (shown && shown.id !== session.id)
            this.#lock('other_session');
        this.#show({ kind: 'signedIn', session, snapshot });
    }
    /** A snapshot that may be old can lock only. */
    #learnFromThePast(snapshot) {
        if (!activeSession(snapshot))
            this.#lock(signedOutBy(snapshot, this.#shown()));
    }
    #lose(loss, now) {
        if (loss === 'closed')
            this.#decideBy ??= now.monotonic + LONGEST_DOUBT;
        else
            this.#decide(loss === 'silent' ? 'agent_silent' : 'refused');
    }
    /** Locks until a live snapshot decides. */
    #doubt(now) {
        if (this.#view.kind !== 'signedIn')
            return;
        this.#show(CHECKING);
        this.#decideBy = now.monotonic + LONGEST_DOUBT;
    }
    /** The same; time that nobody could use does not count. */
    #wake(now) {
        this.#doubt(now);
        if (this.#view.kind === 'checking')
            this.#decideBy = now.monotonic + LONGEST_DOUBT;
    }
    #decide(reason) {
        this.#decideBy = undefined;
        this.#lock(reason);
    }
    #shown() {
        return this.#view.kind === 'signedIn' ? this.#view.session : undefined;
    }
    #lock(reason) {
        this.#show({ kind: 'signedOut', reason });
    }
    #show(view) {
        if (isSame(view, this.#view))
            return;
        this.#view = view;
        this.#news.push(view);
    }
}
/** Why nobody is signed in by `snapshot`, to a program that shows the session `shown`. */
function signedOutBy(snapshot, shown) {
    const end = snapshot.last_end;
    return end && (!shown || shown.id === end.session_id) ? end.reason : 'not_signed_in';
}
function isSame(one, other) {
    if (one.kind === 'signedOut' && other.kind === 'signedOut')
        return one.reason === other.reason;
    if (one.kind === 'signedIn' && other.kind === 'signedIn') {
        return JSON.stringify(one.snapshot) === JSON.stringify(other.snapshot);
    }
    return one.kind === other.kind;
}
