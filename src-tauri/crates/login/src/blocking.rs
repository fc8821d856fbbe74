//! A thread for calls of the operating system that may hold their caller for long.

use std::fmt;
use std::io;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

/// Calls that may wait while one is made.
const QUEUE: usize = 8;

type Job = Box<dyn FnOnce() + Send>;

/// The thread. It ends when this is dropped, or as soon as the call that it is in comes back.
pub(crate) struct BlockingThread {
    jobs: SyncSender<Job>,
}

/// Why a call brought nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotAnswered {
    /// It took too long.
    TimedOut,
    /// Too many were waiting.
    Busy,
    /// The thread has ended.
    Ended,
}

impl BlockingThread {
    pub(crate) fn start(name: &str) -> io::Result<Self> {
        let (jobs, queue) = sync_channel(QUEUE);
        thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || work(&queue))?;
        Ok(Self { jobs })
    }

    /// Has the thread make a call, and gives it up when it takes too long. What was given up before
    /// its turn is not made any more.
    pub(crate) fn submit<T: Send + 'static, C: FnOnce() -> T + Send + 'static>(
        &self,
        limit: Duration,
        call: C,
    ) -> impl Future<Output = Result<T, NotAnswered>> + Send + use<T, C> {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move || {
            // Who gave up must not find later that it was done after all.
            if reply.is_closed() {
                return;
            }
            // The caller may be gone meanwhile; a result that nobody waits for is wiped.
            let _unclaimed = reply.send(call());
        });
        let queued = self.jobs.try_send(job);
        async move {
            queued.map_err(|error| match error {
                TrySendError::Full(_) => NotAnswered::Busy,
                TrySendError::Disconnected(_) => NotAnswered::Ended,
            })?;
            match timeout(limit, answer).await {
                Ok(Ok(result)) => Ok(result),
                Ok(Err(_)) => Err(NotAnswered::Ended),
                Err(_) => Err(NotAnswered::TimedOut),
            }
        }
    }
}

impl fmt::Debug for BlockingThread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlockingThread").finish_non_exhaustive()
    }
}

fn work(queue: &Receiver<Job>) {
    while let Ok(job) = queue.recv() {
        job();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(5);

    /// A thread that is stuck, as one that asks a locked keystore is.
    fn stuck() -> (BlockingThread, SyncSender<()>) {
        let thread = BlockingThread::start("test").unwrap();
        let (release, held) = sync_channel::<()>(0);
        let job: Job = Box::new(move || {
            let _released = held.recv();
        });
        thread.jobs.send(job).unwrap();
        (thread, release)
    }

    #[tokio::test(start_paused = true)]
    async fn what_does_not_come_back_is_given_up() {
        let (thread, _release) = stuck();
        let answer = thread.submit(LIMIT, || ()).await;
        assert!(matches!(answer, Err(NotAnswered::TimedOut)), "{answer:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_given_up_is_not_done_later() {
        let (thread, release) = stuck();
        let (done, mut was_done) = oneshot::channel();
        let answer = thread.submit(LIMIT, move || {
            done.send(()).unwrap();
        });
        assert!(matches!(answer.await, Err(NotAnswered::TimedOut)));
        drop(release);
        let (end, ended) = oneshot::channel();
        let job: Job = Box::new(move || end.send(()).unwrap());
        thread.jobs.send(job).unwrap();
        ended.await.unwrap();
        assert!(was_done.try_recv().is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn the_queue_before_what_is_stuck_is_bounded() {
        let (thread, _release) = stuck();
        let calls: Vec<_> = (0..QUEUE + 2)
            .map(|_| thread.submit(LIMIT, || ()))
            .collect();
        let answers = futures_util::future::join_all(calls).await;
        assert!(matches!(answers.last(), Some(Err(NotAnswered::Busy))));
    }
}
