//! Where reports go, and who notices that PC/SC does not return: a hung service says nothing, so a
//! call that takes far longer than it may counts as the loss of the service.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use cardea_session::ReaderEvent;
use pcsc::Error;

use crate::{LastError, Sink, service};

/// How much longer than it was asked to wait a call may take. A busy computer and a card that is
/// slow to power up are no loss.
const GRACE: Duration = Duration::from_secs(10);

/// Shared by the thread that asks PC/SC and the one that watches it.
pub(crate) struct Delivery {
    sink: Sink,
    call: Mutex<Call>,
    ending: Condvar,
    grace: Duration,
}

#[derive(Debug, Default)]
struct Call {
    /// When the call under way has to be back.
    due: Option<Instant>,
    /// It was not, and the service has been reported as lost.
    overdue: bool,
    ended: bool,
}

impl Delivery {
    pub(crate) fn new(sink: Sink) -> Self {
        Self::with_grace(sink, GRACE)
    }

    fn with_grace(sink: Sink, grace: Duration) -> Self {
        Self {
            sink,
            call: Mutex::default(),
            ending: Condvar::new(),
            grace,
        }
    }

    /// The asking thread: delivers a report. Nothing goes out between the report of an overdue call
    /// and its return.
    pub(crate) fn deliver(&self, event: ReaderEvent) {
        let _in_order = self.lock();
        (self.sink)(event);
    }

    /// The asking thread: makes a call that may wait for `limit`.
    ///
    /// # Errors
    /// What PC/SC answered; [`LastError::Silent`] when the call was given up meanwhile, whatever it
    /// brought in the end.
    pub(crate) fn call<T>(
        &self,
        limit: Duration,
        call: impl FnOnce() -> Result<T, Error>,
    ) -> Result<T, LastError> {
        self.lock().due = Some(Instant::now() + limit + self.grace);
        let back = Back(self);
        let answer = call();
        if back.came_too_late() {
            return Err(LastError::Silent);
        }
        answer.map_err(LastError::Pcsc)
    }

    /// The watching thread: reports the loss of the service when a call is overdue, until the end.
    /// `given_up` is told of each.
    pub(crate) fn watch(&self, given_up: impl Fn()) {
        let mut call = self.lock();
        while !call.ended {
            let now = Instant::now();
            let due = call.due.filter(|_| !call.overdue);
            if due.is_some_and(|due| due <= now) {
                call.overdue = true;
                let meaning = service::meaning(LastError::Silent);
                (self.sink)(ReaderEvent::ServiceLost(meaning));
                given_up();
                continue;
            }
            // Calls come and go without a word, so that nobody is woken for them.
            let wait = due.map_or(self.grace, |due| due - now);
            (call, _) = self
                .ending
                .wait_timeout(call, wait)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Ends [`Self::watch`].
    pub(crate) fn end(&self) {
        self.lock().ended = true;
        self.ending.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Call> {
        self.call.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Says that a call is back, also when it panicked.
struct Back<'a>(&'a Delivery);

impl Back<'_> {
    /// From here on nobody can find the call overdue; asked in the same breath, so that it cannot
    /// be found so unnoticed.
    fn came_too_late(&self) -> bool {
        let mut call = self.0.lock();
        call.due = None;
        std::mem::take(&mut call.overdue)
    }
}

impl Drop for Back<'_> {
    fn drop(&mut self) {
        let _only_after_a_panic = self.came_too_late();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::mpsc::{Receiver, channel};
    use std::thread;

    use super::*;

    const LIMIT: Duration = Duration::from_secs(20);

    /// A delivery with its watching thread, and what it delivers.
    struct Rig {
        delivery: Arc<Delivery>,
        delivered: Receiver<ReaderEvent>,
        given_up: Receiver<()>,
        watcher: thread::JoinHandle<()>,
    }

    fn rig(grace: Duration) -> Rig {
        let (deliver, delivered) = channel();
        let (give_up, given_up) = channel();
        let sink = Box::new(move |event| deliver.send(event).unwrap());
        let delivery = Arc::new(Delivery::with_grace(sink, grace));
        let watching = Arc::clone(&delivery);
        let watcher = thread::spawn(move || watching.watch(|| give_up.send(()).unwrap()));
        Rig {
            delivery,
            delivered,
            given_up,
            watcher,
        }
    }

    #[test]
    fn a_call_that_does_not_return_is_the_loss_of_the_service_once() {
        let rig = rig(Duration::from_millis(5));
        let answer = rig.delivery.call(Duration::ZERO, || {
            rig.given_up.recv_timeout(LIMIT).unwrap();
            Ok("too late")
        });
        assert_eq!(answer, Err(LastError::Silent));
        let lost = ReaderEvent::ServiceLost(service::meaning(LastError::Silent));
        assert_eq!(rig.delivered.try_iter().collect::<Vec<_>>(), [lost]);

        let next = rig.delivery.call(LIMIT, || Ok("in time"));
        assert_eq!(next, Ok("in time"));
        rig.delivery.end();
        rig.watcher.join().unwrap();
        assert_eq!(rig.delivered.try_iter().count(), 0);
    }

    #[test]
    fn between_calls_nothing_is_overdue() {
        let rig = rig(Duration::from_millis(1));
        assert_eq!(rig.delivery.call(LIMIT, || Ok(1)), Ok(1));
        let refused = rig.delivery.call(LIMIT, || Err::<(), _>(Error::NoService));
        assert_eq!(refused, Err(LastError::Pcsc(Error::NoService)));
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            rig.delivery
                .call::<()>(Duration::ZERO, || panic!("a scripted panic"))
        }));
        assert!(panicked.is_err());
        assert_eq!(rig.delivery.lock().due, None);
        rig.delivery.end();
        rig.watcher.join().unwrap();
    }

    #[test]
    fn reports_are_delivered_in_order() {
        let rig = rig(LIMIT);
        let report = || ReaderEvent::Readers(Vec::new());
        rig.delivery.deliver(report());
        assert_eq!(rig.delivered.recv_timeout(LIMIT), Ok(report()));
        rig.delivery.end();
        rig.watcher.join().unwrap();
    }
}
