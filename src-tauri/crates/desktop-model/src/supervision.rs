//! The agent's life as the tray sees to it: looked for, started, followed, started again when it
//! dies or hangs, stopped when somebody asks. Time goes in, effects come out.

mod doubt;
mod stopping;
#[cfg(test)]
mod tests;
mod words;

use std::time::Duration;

use doubt::{Doubt, MOST_UNANSWERED, Verdict, Whose};
use stopping::Awaited;
pub use words::{Effect, Ending, Input, Running, Stopper};

/// Before the first new start; twice as long before each that follows.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// Never longer than this.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// An agent that ran so long was well: what comes after is a first failure again.
const RAN_WELL: Duration = Duration::from_secs(60);

/// The machine.
#[derive(Debug)]
pub struct Supervision {
    phase: Phase,
    /// How often it failed since it last ran well.
    failures: u32,
    /// How the last failure is shown while the next start is under way.
    shown: Running,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Looking {
        unanswered: u32,
    },
    Starting,
    Up {
        whose: Whose,
        since: Duration,
    },
    Doubting(Doubt),
    /// It hangs, and is being ended.
    Ending {
        whose: Whose,
        since: Duration,
    },
    Waiting {
        until: Duration,
    },
    Stopping {
        stopper: Stopper,
        awaited: Awaited,
    },
    Stopped,
}

impl Default for Supervision {
    /// Begins: [`Supervision::FIRST`] is to be carried out.
    fn default() -> Self {
        Self {
            phase: Phase::Looking { unanswered: 0 },
            failures: 0,
            shown: Running::Starting,
        }
    }
}

impl Supervision {
    /// What is to be done first.
    pub const FIRST: Effect = Effect::Look;

    /// How the agent is. One that is in doubt is up: whether it can be heard, its watch says.
    #[must_use]
    pub fn running(&self) -> Running {
        match self.phase {
            Phase::Looking { .. }
            | Phase::Starting
            | Phase::Ending { .. }
            | Phase::Waiting { .. } => self.shown,
            Phase::Up { .. } | Phase::Doubting(_) => Running::Up,
            Phase::Stopping { .. } | Phase::Stopped => Running::Down,
        }
    }

    /// When [`Input::Due`] is to be said; none when nothing is waited for.
    #[must_use]
    pub fn wake_at(&self) -> Option<Duration> {
        match self.phase {
            Phase::Waiting { until } => Some(until),
            Phase::Doubting(doubt) => doubt.ask_at,
            Phase::Looking { .. }
            | Phase::Starting
            | Phase::Up { .. }
            | Phase::Ending { .. }
            | Phase::Stopping { .. }
            | Phase::Stopped => None,
        }
    }

    /// Takes what happened at `now`, on a clock that only goes forward. What does not fit, because
    /// it is late or was never asked for, changes nothing.
    pub fn handle(&mut self, input: Input, now: Duration) -> Option<Effect> {
        match (self.phase, input) {
            (_, Input::Stop(stopper)) => self.stop(stopper),
            (Phase::Looking { .. }, Input::Found) => self.come_up(Whose::Others, now),
            (Phase::Looking { .. }, Input::NotFound) => {
                self.phase = Phase::Starting;
                Some(Effect::Start)
            }
            (Phase::Looking { unanswered }, Input::Unanswered) => {
                let unanswered = unanswered + 1;
                if unanswered >= MOST_UNANSWERED {
                    return Some(self.end_hung(Whose::Others, now));
                }
                self.phase = Phase::Looking { unanswered };
                Some(Effect::Look)
            }
            (Phase::Starting, Input::Started) => self.come_up(Whose::Ours, now),
            (Phase::Starting, Input::NotStarted) => {
                self.shown = Running::Down;
                let again_in = self.wait(now);
                Some(Effect::LogNotStarted { again_in })
            }
            (Phase::Up { whose, since }, Input::Lost | Input::Silent) => {
                self.phase = Phase::Doubting(Doubt::begin(whose, since, input, now));
                Some(Effect::Look)
            }
            (Phase::Doubting(doubt), Input::Found) => self.come_up(doubt.whose, doubt.since),
            (Phase::Doubting(doubt), Input::NotFound) => {
                self.judge(doubt.not_found(now), doubt, now)
            }
            (Phase::Doubting(doubt), Input::Unanswered) => {
                self.judge(doubt.unanswered(), doubt, now)
            }
            (Phase::Doubting(doubt), Input::Due) => self.judge(doubt.due(now), doubt, now),
            (
                Phase::Up { since, .. }
                | Phase::Doubting(Doubt { since, .. })
                | Phase::Ending { since, .. },
                Input::Ended(ending),
            ) => {
                let again_in = self.restart(since, now);
                Some(Effect::LogEnd { ending, again_in })
            }
            (Phase::Ending { since, .. }, Input::OtherEnded) => {
                let again_in = self.restart(since, now);
                Some(Effect::LogLost { again_in })
            }
            (Phase::Ending { .. }, Input::OtherStays) => {
                self.shown = Running::Down;
                let again_in = self.wait(now);
                Some(Effect::LogStays { again_in })
            }
            // Somebody may have started one meanwhile: look first.
            (Phase::Waiting { until }, Input::Due) if now >= until => {
                self.phase = Phase::Looking { unanswered: 0 };
                Some(Effect::Look)
            }
            (Phase::Stopping { stopper, awaited }, _) => {
                self.go_on_stopping(stopper, awaited, input)
            }
            (
                Phase::Looking { .. }
                | Phase::Starting
                | Phase::Up { .. }
                | Phase::Doubting(_)
                | Phase::Ending { .. }
                | Phase::Waiting { .. }
                | Phase::Stopped,
                Input::Found
                | Input::NotFound
                | Input::Unanswered
                | Input::Started
                | Input::NotStarted
                | Input::Ended(_)
                | Input::Lost
                | Input::Silent
                | Input::OtherEnded
                | Input::OtherStays
                | Input::Due,
            ) => None,
        }
    }

    fn come_up(&mut self, whose: Whose, since: Duration) -> Option<Effect> {
        self.phase = Phase::Up { whose, since };
        None
    }

    fn judge(&mut self, verdict: Verdict, doubt: Doubt, now: Duration) -> Option<Effect> {
        match verdict {
            Verdict::Ask(doubt) => {
                self.phase = Phase::Doubting(doubt);
                Some(Effect::Look)
            }
            Verdict::Wait(doubt) => {
                self.phase = Phase::Doubting(doubt);
                None
            }
            Verdict::Hangs => Some(self.end_hung(doubt.whose, doubt.since)),
            Verdict::Gone => {
                let again_in = self.restart(doubt.since, now);
                Some(Effect::LogLost { again_in })
            }
        }
    }

    fn end_hung(&mut self, whose: Whose, since: Duration) -> Effect {
        self.shown = Running::Restarting;
        self.phase = Phase::Ending { whose, since };
        match whose {
            Whose::Ours => Effect::Kill,
            Whose::Others => Effect::EndOther,
        }
    }

    fn restart(&mut self, since: Duration, now: Duration) -> Duration {
        if now.saturating_sub(since) >= RAN_WELL {
            self.failures = 0;
        }
        self.shown = Running::Restarting;
        self.wait(now)
    }

    fn wait(&mut self, now: Duration) -> Duration {
        let pause = FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(self.failures));
        let pause = pause.min(LONGEST_PAUSE);
        self.failures = self.failures.saturating_add(1);
        self.phase = Phase::Waiting { until: now + pause };
        pause
    }
}
