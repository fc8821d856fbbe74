//! One thread that asks the keystore: the operating system's may be locked, and then holds its caller
//! for as long as its prompt is open.

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

use super::{KeystoreAnswer, KeystoreError};

const CALL_LIMIT: Duration = Duration::from_secs(5);
/// Calls that may wait while one is made.
const QUEUE: usize = 8;

type Job = Box<dyn FnOnce() + Send>;

/// The thread. It ends when this is dropped, or as soon as the keystore answers the call it is in.
#[derive(Debug)]
pub(super) struct KeystoreThread {
    jobs: SyncSender<Job>,
}

impl KeystoreThread {
    /// Starts it.
    ///
    /// # Errors
    /// [`KeystoreError::Thread`].
    pub(super) fn start(name: &str) -> Result<Self, KeystoreError> {
        let (jobs, queue) = sync_channel(QUEUE);
        thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || work(&queue))
            .map_err(KeystoreError::Thread)?;
        Ok(Self { jobs })
    }

    /// Has the thread make a call, and gives it up when it takes too long.
    pub(super) fn submit<T: Send + 'static>(
        &self,
        call: impl FnOnce() -> Result<T, KeystoreError> + Send + 'static,
    ) -> KeystoreAnswer<'_, T> {
        self.submit_within(CALL_LIMIT, call)
    }

    /// The same with another limit.
    pub(super) fn submit_within<T: Send + 'static>(
        &self,
        limit: Duration,
        call: impl FnOnce() -> Result<T, KeystoreError> + Send + 'static,
    ) -> KeystoreAnswer<'_, T> {
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
        Box::pin(async move {
            queued.map_err(|error| match error {
                TrySendError::Full(_) => KeystoreError::Busy,
                TrySendError::Disconnected(_) => KeystoreError::Refused("its thread has ended"),
            })?;
            match timeout(limit, answer).await {
                Ok(Ok(result)) => result,
                Ok(Err(_)) => Err(KeystoreError::Refused("its thread has ended")),
                Err(_) => Err(KeystoreError::TimedOut),
            }
        })
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

    /// A keystore that is stuck, as a locked one is.
    fn stuck() -> (KeystoreThread, SyncSender<()>) {
        let keystore = KeystoreThread::start("keystore").unwrap();
        let (release, held) = sync_channel::<()>(0);
        let job: Job = Box::new(move || {
            let _released = held.recv();
        });
        keystore.jobs.send(job).unwrap();
        (keystore, release)
    }

    #[tokio::test(start_paused = true)]
    async fn a_keystore_that_does_not_answer_is_given_up() {
        let (keystore, _release) = stuck();
        let answer = keystore.submit(|| Ok(())).await;
        assert!(matches!(answer, Err(KeystoreError::TimedOut)), "{answer:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_given_up_is_not_done_later() {
        let (keystore, release) = stuck();
        let (done, mut was_done) = oneshot::channel();
        let answer = keystore.submit(move || {
            done.send(()).unwrap();
            Ok(())
        });
        assert!(matches!(answer.await, Err(KeystoreError::TimedOut)));
        drop(release);
        let (end, ended) = oneshot::channel();
        let job: Job = Box::new(move || end.send(()).unwrap());
        keystore.jobs.send(job).unwrap();
        ended.await.unwrap();
        assert!(was_done.try_recv().is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn the_queue_before_a_stuck_keystore_is_bounded() {
        let (keystore, _release) = stuck();
        let calls: Vec<_> = (0..QUEUE + 2).map(|_| keystore.submit(|| Ok(()))).collect();
        let answers = futures_util::future::join_all(calls).await;
        assert!(matches!(answers.last(), Some(Err(KeystoreError::Busy))));
    }
}
