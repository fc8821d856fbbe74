//! A thread that writes down what others hand it, so that a slow disk delays nobody.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// Entries that wait to be written; what comes on top is counted as lost.
const QUEUE: usize = 1024;

/// How long to wait at the end for the entries that are still in the queue.
const LAST_ENTRIES: Duration = Duration::from_secs(2);

/// Owns the thread that writes; dropping it writes what is still waiting.
#[derive(Debug)]
pub(crate) struct Scribe<T> {
    what: &'static str,
    queue: Option<SyncSender<T>>,
    lost: Arc<AtomicU64>,
    writer: Option<JoinHandle<()>>,
    ended: Receiver<()>,
}

impl<T: Send + 'static> Scribe<T> {
    /// Starts the thread, which is named after `what` it writes. What cannot be written is lost, and
    /// that is logged.
    ///
    /// # Errors
    /// When there is no thread to be had.
    pub(crate) fn start(
        what: &'static str,
        mut write: impl FnMut(T) -> io::Result<()> + Send + 'static,
    ) -> io::Result<Self> {
        let (queue, entries) = sync_channel::<T>(QUEUE);
        let (ending, ended) = sync_channel(0);
        let lost = Arc::<AtomicU64>::default();
        let too_many = Arc::clone(&lost);
        let writer = std::thread::Builder::new()
            .name(what.to_owned())
            .spawn(move || {
                while let Ok(entry) = entries.recv() {
                    if let Err(error) = write(entry) {
                        tracing::warn!(what, %error, "an entry could not be written");
                    }
                    let lost = too_many.swap(0, Ordering::Relaxed);
                    if lost > 0 {
                        tracing::warn!(what, lost, "entries came too fast and were lost");
                    }
                }
                drop(ending);
            })?;
        Ok(Self {
            what,
            queue: Some(queue),
            lost,
            writer: Some(writer),
            ended,
        })
    }

    /// Has an entry written soon; never waits.
    pub(crate) fn write(&self, entry: T) {
        let sent = self
            .queue
            .as_ref()
            .is_some_and(|queue| queue.try_send(entry).is_ok());
        if !sent {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl<T> Drop for Scribe<T> {
    fn drop(&mut self) {
        self.queue = None;
        let in_time = self.ended.recv_timeout(LAST_ENTRIES) == Err(RecvTimeoutError::Disconnected);
        if let Some(writer) = self.writer.take().filter(|_| in_time) {
            let _ = writer.join();
        } else {
            let what = self.what;
            tracing::warn!(what, "writing takes too long; entries may be lost");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn what_waits_is_written_before_the_end() {
        let (written, entries) = channel();
        let scribe = Scribe::start("a test", move |entry| {
            written.send(entry).unwrap();
            Ok(())
        })
        .unwrap();
        for entry in 0..100 {
            scribe.write(entry);
        }
        drop(scribe);
        assert!(entries.try_iter().eq(0..100));
    }

    #[test]
    fn an_entry_that_cannot_be_written_does_not_hold_up_the_next() {
        let (written, entries) = channel();
        let scribe = Scribe::start("a test", move |entry| {
            if entry == 0 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            written.send(entry).unwrap();
            Ok(())
        })
        .unwrap();
        scribe.write(0);
        scribe.write(1);
        drop(scribe);
        assert!(entries.try_iter().eq([1]));
    }

    #[test]
    fn a_full_queue_is_counted_and_delays_nobody() {
        let (queue, entries) = sync_channel(1);
        let (ending, ended) = sync_channel(0);
        drop(ending);
        let scribe = Scribe {
            what: "a test",
            queue: Some(queue),
            lost: Arc::default(),
            writer: None,
            ended,
        };
        for entry in 0..3 {
            scribe.write(entry);
        }
        assert_eq!(scribe.lost.load(Ordering::Relaxed), 2);
        drop(entries);
    }
}
