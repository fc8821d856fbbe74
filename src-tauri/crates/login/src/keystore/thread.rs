//! One thread that asks the keystore: the operating system's may be locked, and then holds its caller
//! for as long as its prompt is open.

use std::time::Duration;

use super::{KeystoreAnswer, KeystoreError};
use crate::blocking::{BlockingThread, NotAnswered};

const CALL_LIMIT: Duration = Duration::from_secs(5);

/// The thread.
#[derive(Debug)]
pub(crate) struct KeystoreThread(BlockingThread);

impl KeystoreThread {
    /// Starts it.
    ///
    /// # Errors
    /// [`KeystoreError::Thread`].
    pub(crate) fn start(name: &str) -> Result<Self, KeystoreError> {
        let thread = BlockingThread::start(name).map_err(KeystoreError::Thread)?;
        Ok(Self(thread))
    }

    /// Has the thread make a call, and gives it up when it takes too long.
    pub(crate) fn submit<T: Send + 'static>(
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
        let answer = self.0.submit(limit, call);
        Box::pin(async move {
            answer.await.unwrap_or_else(|error| {
                Err(match error {
                    NotAnswered::TimedOut => KeystoreError::TimedOut,
                    NotAnswered::Busy => KeystoreError::Busy,
                    NotAnswered::Ended => KeystoreError::Refused("its thread has ended"),
                })
            })
        })
    }
}
