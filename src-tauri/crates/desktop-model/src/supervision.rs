//! The agent's life as the tray sees to it: looked for, started, followed, started again when it
//! dies, stopped when somebody asks. Time goes in, effects come out.

#[cfg(test)]
mod tests;
mod words;

use std::time::Duration;

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
    Looking,
    Starting,
    /// Ours.
    Running {
        since: Duration,
    },
    /// Another's: started by hand or by a tray that died.
    Following {
        since: Duration,
    },
    Waiting {
        until: Duration,
    },
    Stopping(Stopper),
    Stopped,
}

impl Default for Supervision {
    /// Begins: [`Supervision::FIRST`] is to be carried out.
    fn default() -> Self {
        Self {
            phase: Phase::Looking,
            failures: 0,
            shown: Running::Starting,
        }
    }
}

impl Supervision {
    /// What is to be done first.
    pub const FIRST: Effect = Effect::Look;

    /// How the agent is.
    #[must_use]
    pub fn running(&self) -> Running {
        match self.phase {
            Phase::Looking | Phase::Starting | Phase::Waiting { .. } => self.shown,
            Phase::Running { .. } | Phase::Following { .. } => Running::Up,
            Phase::Stopping(_) | Phase::Stopped => Running::Down,
        }
    }

    /// When [`Input::Due`] is to be said; none when nothing is waited for.
    #[must_use]
    pub fn wake_at(&self) -> Option<Duration> {
        match self.phase {
            Phase::Waiting { until } => Some(until),
            Phase::Looking
            | Phase::Starting
            | Phase::Running { .. }
            | Phase::Following { .. }
            | Phase::Stopping(_)
            | Phase::Stopped => None,
        }
    }

    /// Takes what happened at `now`, on a clock that only goes forward. What does not fit, because
    /// it is late or was never asked for, changes nothing.
    pub fn handle(&mut self, input: Input, now: Duration) -> Option<Effect> {
        match (self.phase, input) {
            (_, Input::Stop(stopper)) => self.stop(stopper),
            (Phase::Looking, Input::Found) => {
                self.phase = Phase::Following { since: now };
                None
            }
            (Phase::Looking, Input::NotFound) => {
                self.phase = Phase::Starting;
                Some(Effect::Start)
            }
            (Phase::Starting, Input::Started) => {
                self.phase = Phase::Running { since: now };
                None
            }
            (Phase::Starting, Input::NotStarted) => {
                self.shown = Running::Down;
                let again_in = self.wait(now);
                Some(Effect::LogNotStarted { again_in })
            }
            (Phase::Running { since }, Input::Ended(ending)) => {
                let again_in = self.restart(since, now);
                Some(Effect::LogEnd { ending, again_in })
            }
            (Phase::Following { since }, Input::Lost) => {
                let again_in = self.restart(since, now);
                Some(Effect::LogLost { again_in })
            }
            // Somebody may have started one meanwhile: look first.
            (Phase::Waiting { until }, Input::Due) if now >= until => {
                self.phase = Phase::Looking;
                Some(Effect::Look)
            }
            // Started between the question to stop and the answer: it has to go again.
            (Phase::Stopping(stopper), Input::Started) => Some(Effect::Stop(stopper)),
            (
                Phase::Stopping(stopper),
                Input::Ended(_) | Input::NotStarted | Input::Found | Input::NotFound,
            ) => {
                self.phase = Phase::Stopped;
                Some(Effect::Finished(stopper))
            }
            (
                Phase::Looking
                | Phase::Starting
                | Phase::Running { .. }
                | Phase::Following { .. }
                | Phase::Waiting { .. }
                | Phase::Stopping(_)
                | Phase::Stopped,
                Input::Found
                | Input::NotFound
                | Input::Started
                | Input::NotStarted
                | Input::Ended(_)
                | Input::Lost
                | Input::Due,
            ) => None,
        }
    }

    fn stop(&mut self, stopper: Stopper) -> Option<Effect> {
        match self.phase {
            Phase::Running { .. } => {
                self.phase = Phase::Stopping(stopper);
                Some(Effect::Stop(stopper))
            }
            // Their answers are waited for, so that no process is left behind.
            Phase::Looking | Phase::Starting => {
                self.phase = Phase::Stopping(stopper);
                None
            }
            Phase::Following { .. } | Phase::Waiting { .. } => {
                self.phase = Phase::Stopped;
                Some(Effect::Finished(stopper))
            }
            Phase::Stopping(_) | Phase::Stopped => None,
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
