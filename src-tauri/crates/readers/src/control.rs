//! What the handle of a source and its thread tell each other.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use pcsc::Context;

use crate::{CardSettings, Diagnostics};

/// How long [`Control::offer`] waits for one cancel to wake the thread, and how often it tries.
const NUDGE: Duration = Duration::from_millis(2);
const NUDGES: usize = 10;

/// Shared by the handle and the thread.
#[derive(Default)]
pub(crate) struct Control {
    wishes: Mutex<Wishes>,
    changed: Condvar,
    /// The context the thread may be waiting in.
    waiting: Mutex<Option<Context>>,
    diagnostics: Mutex<Diagnostics>,
}

#[derive(Default)]
struct Wishes {
    stop: bool,
    /// Something is new that a pause should not wait for.
    nudged: bool,
    settings: Option<CardSettings>,
}

/// What the thread is asked to do besides watching.
#[derive(Debug)]
pub(crate) enum Wish {
    Nothing,
    Apply(CardSettings),
    Stop,
}

impl Control {
    /// The thread: what is asked for.
    pub(crate) fn take(&self) -> Wish {
        let mut wishes = lock(&self.wishes);
        if wishes.stop {
            return Wish::Stop;
        }
        match wishes.settings.take() {
            Some(settings) => {
                self.changed.notify_all();
                Wish::Apply(settings)
            }
            None => Wish::Nothing,
        }
    }

    /// The thread: sleeps for `limit` or until something is asked for.
    pub(crate) fn pause(&self, limit: Duration) {
        let nothing_asked =
            |wishes: &mut Wishes| !wishes.stop && !wishes.nudged && wishes.settings.is_none();
        let (mut wishes, _) = self
            .changed
            .wait_timeout_while(lock(&self.wishes), limit, nothing_asked)
            .unwrap_or_else(PoisonError::into_inner);
        wishes.nudged = false;
    }

    /// Anybody: ends the pause under way, or the next one.
    #[cfg_attr(
        not(any(windows, test)),
        expect(dead_code, reason = "pcscd does not tell when it has started")
    )]
    pub(crate) fn nudge(&self) {
        lock(&self.wishes).nudged = true;
        self.changed.notify_all();
    }

    /// The thread: says where it waits, so that it can be woken.
    pub(crate) fn waits_in(&self, context: Option<Context>) {
        *lock(&self.waiting) = context;
    }

    pub(crate) fn set_diagnostics(&self, change: impl FnOnce(&mut Diagnostics)) {
        change(&mut lock(&self.diagnostics));
    }

    /// The handle: hands over settings and wakes the thread for them. A cancel that comes too early
    /// in a wait is lost, so it is repeated until the settings were taken; not for long, since a
    /// thread that is delivering a report takes them afterwards anyway.
    pub(crate) fn offer(&self, settings: CardSettings) {
        lock(&self.wishes).settings = Some(settings);
        self.changed.notify_all();
        for _ in 0..NUDGES {
            self.cancel();
            let (_wishes, wait) = self
                .changed
                .wait_timeout_while(lock(&self.wishes), NUDGE, |wishes| {
                    wishes.settings.is_some()
                })
                .unwrap_or_else(PoisonError::into_inner);
            if !wait.timed_out() {
                return;
            }
        }
    }

    /// The handle: asks the thread to end and wakes it until `ended`, or until `limit` has passed
    /// because PC/SC does not return.
    pub(crate) fn stop(&self, limit: Duration, ended: impl Fn() -> bool) {
        let start = Instant::now();
        lock(&self.wishes).stop = true;
        self.changed.notify_all();
        while !ended() && start.elapsed() < limit {
            self.cancel();
            std::thread::sleep(NUDGE);
        }
    }

    pub(crate) fn diagnostics(&self) -> Diagnostics {
        lock(&self.diagnostics).clone()
    }

    fn cancel(&self) {
        let context = lock(&self.waiting).clone();
        if let Some(context) = context {
            // Whatever it answers, the thread has seen the cancel or will be sent another.
            let _answer = context.cancel();
        }
    }
}

/// What the locks protect is whole after each statement, so that a panic elsewhere does no harm.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stop_goes_before_settings_and_stays() {
        let control = Control::default();
        control.offer(CardSettings::default());
        control.stop(Duration::ZERO, || false);
        assert!(matches!(control.take(), Wish::Stop));
        assert!(matches!(control.take(), Wish::Stop));
    }

    #[test]
    fn settings_are_taken_once_and_the_last_ones_count() {
        let control = Control::default();
        let none_ignored = CardSettings {
            ignore_readers: Vec::new(),
            ..CardSettings::default()
        };
        control.offer(CardSettings::default());
        control.offer(none_ignored.clone());
        let Wish::Apply(taken) = control.take() else {
            panic!();
        };
        assert_eq!(taken, none_ignored);
        assert!(matches!(control.take(), Wish::Nothing));
    }

    #[test]
    fn a_pause_ends_when_something_is_asked_for() {
        let control = Control::default();
        control.offer(CardSettings::default());
        control.pause(Duration::MAX);
    }

    #[test]
    fn a_nudge_ends_one_pause() {
        let control = Control::default();
        control.nudge();
        control.pause(Duration::MAX);
        assert!(!lock(&control.wishes).nudged);
    }
}
