//! The thread that waits: makes a context, follows it, and makes another when it is lost, for ever.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use pcsc::{Context, Error, Scope};

use crate::control::{Control, Wish};
use crate::delivery::Delivery;
use crate::guard::Guard;
use crate::observe::Observer;
use crate::plan::{Plan, looked_at};
use crate::watch::{Watch, Woken};
use crate::{CardSettings, ContextState, Diagnostics, LastError, service};

const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// So many refusals in a row, and the context is given up.
const MAX_REFUSALS: u32 = 50;

/// The monitor, owned by its thread.
pub(crate) struct Monitor {
    control: Arc<Control>,
    delivery: Arc<Delivery>,
    observer: Observer,
    pause: Duration,
    /// The loss that the log tells of.
    said: Option<LastError>,
}

/// The handle asked the thread to end.
struct Stopped;

impl Monitor {
    pub(crate) fn new(
        control: Arc<Control>,
        settings: CardSettings,
        delivery: Arc<Delivery>,
    ) -> Self {
        Self {
            control,
            delivery,
            observer: Observer::new(settings),
            pause: FIRST_PAUSE,
            said: None,
        }
    }

    /// Runs until it is stopped.
    pub(crate) fn run(mut self) {
        loop {
            match self.control.take() {
                Wish::Nothing => {}
                Wish::Apply(settings) => self.observer.apply(settings),
                Wish::Stop => return,
            }
            let start_watch = service::StartWatch::before_asking();
            // The binding panics in debug builds on codes that it does not know.
            let ended = outcome(|| self.follow_a_context());
            self.control.waits_in(None);
            let error = match ended {
                Ok(Stopped) => return,
                Err(error) => error,
            };
            self.lose(error);
            // Said once, for it may stay so for days.
            if self.said.replace(error) != Some(error) {
                tracing::warn!(%error, "the PC/SC service cannot be reached; it is tried again");
            }
            self.control
                .set_diagnostics(|diagnostics| note_loss(diagnostics, error));
            let _woken_by_its_start = start_watch.and_then(|watch| watch.begin(&self.control));
            self.control.pause(self.pause);
            self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Every error means the same: this context will not recover, not even where PC/SC still calls
    /// it valid, and another one may do. That goes for refusals, too: pcscd gives a
    /// `SecurityViolation` while it stops.
    fn follow_a_context(&mut self) -> Result<Stopped, LastError> {
        let establish = || Context::establish(Scope::System);
        let context = self.delivery.call(Duration::ZERO, establish)?;
        self.control.waits_in(Some(context.clone()));
        let ended = self.follow(&context);
        if let Err(error) = ended {
            // Before the context is released, for that asks the service once more.
            self.lose(error);
        }
        ended
    }

    fn follow(&mut self, context: &Context) -> Result<Stopped, LastError> {
        let mut watch = Watch::new(context);
        let mut guard = Guard::new(Instant::now());
        let mut refusals = 0;
        let mut connected = false;
        let mut last_look = None;
        loop {
            match self.control.take() {
                Wish::Nothing => {}
                Wish::Apply(settings) => {
                    self.observer.apply(settings);
                    // PC/SC would not tell again what is in a reader that counts from now on.
                    last_look = None;
                }
                Wish::Stop => return Ok(Stopped),
            }
            // Readers that come between two waits are missed by the plug-and-play entry (1.9.9).
            let listed = self.delivery.call(Duration::ZERO, || watch.list())?;
            self.observer.list(listed);
            if connected {
                self.report();
            }
            let readers = self.observer.readers();
            let plan = Plan::new(readers);
            let looks = last_look.is_none_or(|at: Instant| at.elapsed() >= plan.look_after);
            let woken = if looks {
                last_look = Some(Instant::now());
                let looked_at = looked_at(readers);
                self.delivery
                    .call(Duration::ZERO, || watch.look(&looked_at))?
            } else {
                self.delivery.call(plan.limit, || watch.wait(&plan))?
            };
            if !looks && !matches!(woken, Woken::ListAgain) {
                self.recovered();
            }

            let news = match woken {
                Woken::Seen(seen) => {
                    for (name, sight) in seen {
                        self.observer.see(&name, sight);
                    }
                    let news = self.report();
                    refusals = 0;
                    if !connected {
                        connected = true;
                        self.connected();
                    }
                    news
                }
                Woken::Limit => {
                    refusals = 0;
                    true
                }
                Woken::ListAgain => {
                    refusals += 1;
                    if refusals > MAX_REFUSALS {
                        return Err(LastError::Pcsc(Error::UnknownReader));
                    }
                    false
                }
            };
            if !news && let Some(pause) = guard.idle_round(Instant::now()) {
                self.control.pause(pause);
            }
        }
    }

    /// Delivers the report, if there is news; nothing may come between PC/SC's answer and this.
    fn report(&mut self) -> bool {
        let Some(event) = self.observer.report() else {
            return false;
        };
        self.delivery.deliver(event);
        let readers = self.observer.readers().iter().map(Into::into).collect();
        self.control
            .set_diagnostics(|diagnostics| diagnostics.readers = readers);
        true
    }

    fn lose(&mut self, error: LastError) {
        if let Some(event) = self.observer.lose(service::meaning(error)) {
            self.delivery.deliver(event);
        }
    }

    /// The context has served a wait, and its end would be another loss. One that only lists
    /// readers is no sign: Windows starts its service for whoever asks and stops it without readers.
    fn recovered(&mut self) {
        self.pause = FIRST_PAUSE;
        self.said = None;
    }

    fn connected(&self) {
        self.control
            .set_diagnostics(|diagnostics| diagnostics.context = ContextState::Connected);
        tracing::info!("connected to the PC/SC service");
    }
}

/// Notes that the connection is lost.
pub(crate) fn note_loss(diagnostics: &mut Diagnostics, error: LastError) {
    diagnostics.context = ContextState::Lost;
    diagnostics.losses += 1;
    diagnostics.last_error = Some(error);
    diagnostics.readers.clear();
}

fn outcome<T>(attempt: impl FnOnce() -> Result<T, LastError>) -> Result<T, LastError> {
    catch_unwind(AssertUnwindSafe(attempt)).unwrap_or(Err(LastError::Panic))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_of_the_binding_is_an_error_like_others() {
        let panicked: Result<(), _> = outcome(|| panic!("a scripted panic"));
        assert_eq!(panicked, Err(LastError::Panic));
        let refused: Result<(), _> = outcome(|| Err(LastError::Pcsc(Error::NoService)));
        assert_eq!(refused, Err(LastError::Pcsc(Error::NoService)));
    }
}
