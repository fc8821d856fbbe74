//! The thread that tells the sink, so that whoever moves a card never waits for it.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use cardea_readers::{Sink, StartError};
use cardea_session::ReaderEvent;

/// How many reports can wait; then the oldest goes. Each is complete, so that does no harm.
const LIMIT: usize = 1_024;

/// Reports that wait for the sink. Clones are the same reports.
#[derive(Clone, Default)]
pub(super) struct Reports(Arc<(Mutex<Waiting>, Condvar)>);

#[derive(Default)]
struct Waiting {
    reports: VecDeque<ReaderEvent>,
    stopped: bool,
}

impl Reports {
    pub(super) fn add(&self, report: ReaderEvent) {
        let mut waiting = self.lock();
        if waiting.stopped {
            return;
        }
        if waiting.reports.len() == LIMIT {
            waiting.reports.pop_front();
        }
        waiting.reports.push_back(report);
        self.0.1.notify_one();
    }

    fn stop(&self) {
        let mut waiting = self.lock();
        waiting.stopped = true;
        waiting.reports.clear();
        self.0.1.notify_one();
    }

    /// Waits for the next report; none when stopped.
    fn next(&self) -> Option<ReaderEvent> {
        let idle = |waiting: &mut Waiting| !waiting.stopped && waiting.reports.is_empty();
        let waited = self.0.1.wait_while(self.lock(), idle);
        let mut waiting = waited.unwrap_or_else(PoisonError::into_inner);
        match waiting.stopped {
            true => None,
            false => waiting.reports.pop_front(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Owns the thread that tells the sink.
pub(super) struct Reporter {
    reports: Reports,
    thread: Option<JoinHandle<()>>,
}

impl Reporter {
    pub(super) fn start(reports: Reports, sink: Sink) -> Result<Self, StartError> {
        let telling = reports.clone();
        let thread = thread::Builder::new()
            .name("simulated-readers".to_owned())
            .spawn(move || {
                while let Some(report) = telling.next() {
                    sink(report);
                }
            })
            .map_err(StartError::Thread)?;
        Ok(Self {
            reports,
            thread: Some(thread),
        })
    }
}

impl Drop for Reporter {
    fn drop(&mut self) {
        self.reports.stop();
        if let Some(thread) = self.thread.take() {
            // A panic of the sink was shown when it happened.
            let _ = thread.join();
        }
    }
}
