//! The keystore on Linux: the desktop's Secret Service, over D-Bus.
//!
//! One thread of its own makes the calls, each on a fresh connection: the service may come, go or
//! be locked at any time, a locked one holds the caller for as long as its prompt is open, and the
//! library must not be called from within an async runtime.

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use keyring_core::api::CredentialStoreApi;
use tokio::sync::oneshot;
use tokio::time::timeout;
use zbus_secret_service_keyring_store::Store;
use zeroize::Zeroizing;

use super::{Entry, Keystore, KeystoreAnswer, KeystoreError};
use crate::SecretBytes;

const SERVICE: &str = "cardea";
const CALL_LIMIT: Duration = Duration::from_secs(5);
/// Calls that may wait while one is made.
const QUEUE: usize = 8;

type Job = Box<dyn FnOnce() + Send>;

/// The Secret Service of the user's desktop session. Its thread ends when this is dropped, or as
/// soon as the service answers the call it is in.
#[derive(Debug)]
pub struct SecretService {
    jobs: SyncSender<Job>,
}

impl SecretService {
    /// Starts the thread; whether there is a service shows with the first call.
    ///
    /// # Errors
    /// [`KeystoreError::Thread`].
    pub fn new() -> Result<Self, KeystoreError> {
        let (jobs, queue) = sync_channel(QUEUE);
        thread::Builder::new()
            .name("keystore".to_owned())
            .spawn(move || work(&queue))
            .map_err(KeystoreError::Thread)?;
        Ok(Self { jobs })
    }

    fn call<T: Send + 'static>(
        &self,
        call: impl FnOnce(&Store) -> Result<T, keyring_core::Error> + Send + 'static,
    ) -> KeystoreAnswer<'_, T> {
        self.submit(move || {
            let result = Store::new().and_then(|store| call(&store));
            result.map_err(KeystoreError::from)
        })
    }

    fn submit<T: Send + 'static>(
        &self,
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
            match timeout(CALL_LIMIT, answer).await {
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

impl Keystore for SecretService {
    fn load<'a>(&'a self, entry: &'a Entry) -> KeystoreAnswer<'a, Option<SecretBytes>> {
        let name = entry.to_string();
        let text = self.call(move |store| {
            absent_as_none(
                store
                    .build(SERVICE, &name, None)?
                    .get_secret()
                    .map(Zeroizing::new),
            )
        });
        Box::pin(async move {
            let Some(text) = text.await? else {
                return Ok(None);
            };
            let bytes = STANDARD.decode(text.as_slice());
            let bytes = bytes.map_err(|_| KeystoreError::Damaged)?;
            Ok(Some(SecretBytes::new(bytes)))
        })
    }

    /// Stored as text, since not every Secret Service keeps bytes.
    fn store<'a>(&'a self, entry: &'a Entry, secret: SecretBytes) -> KeystoreAnswer<'a, ()> {
        let name = entry.to_string();
        let label = HashMap::from([("label".to_owned(), format!("Cardea: {name}"))]);
        self.call(move |store| {
            let text = Zeroizing::new(STANDARD.encode(secret.expose()));
            let label = label
                .iter()
                .map(|(key, value)| (key.as_str(), value.as_str()));
            let entry = store.build(SERVICE, &name, Some(&label.collect()))?;
            entry.set_secret(text.as_bytes())
        })
    }

    fn remove<'a>(&'a self, entry: &'a Entry) -> KeystoreAnswer<'a, bool> {
        let name = entry.to_string();
        self.call(move |store| {
            let removed = store.build(SERVICE, &name, None)?.delete_credential();
            Ok(absent_as_none(removed)?.is_some())
        })
    }

    fn list(&self) -> KeystoreAnswer<'_, Vec<Entry>> {
        self.call(|store| {
            let found = store.search(&HashMap::from([("service", SERVICE)]))?;
            let names = found.iter().filter_map(keyring_core::Entry::get_specifiers);
            Ok(names.filter_map(|(_, name)| Entry::parse(&name)).collect())
        })
    }
}

fn absent_as_none<T>(
    result: Result<T, keyring_core::Error>,
) -> Result<Option<T>, keyring_core::Error> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(keyring_core::Error::NoEntry) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Some of the library's errors hold what they choked on, so only those of the platform are kept.
impl From<keyring_core::Error> for KeystoreError {
    fn from(error: keyring_core::Error) -> Self {
        use keyring_core::Error;
        if matches!(error, Error::Ambiguous(_)) {
            return Self::Refused("it has several entries of that name");
        }
        if matches!(error, Error::BadEncoding(_) | Error::BadDataFormat(..)) {
            return Self::Damaged;
        }
        if let Error::PlatformFailure(source) = error {
            return Self::Unreachable(source);
        }
        if let Error::NoStorageAccess(source) = error {
            return Self::Locked(source);
        }
        Self::Refused("it cannot do what was asked")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A service that is stuck, as a locked one is.
    fn stuck() -> (SecretService, SyncSender<()>) {
        let service = SecretService::new().unwrap();
        let (release, held) = sync_channel::<()>(0);
        let job: Job = Box::new(move || {
            let _released = held.recv();
        });
        service.jobs.send(job).unwrap();
        (service, release)
    }

    #[tokio::test(start_paused = true)]
    async fn a_keystore_that_does_not_answer_is_given_up() {
        let (service, _release) = stuck();
        let answer = service.load(&Entry::ClientSecret).await;
        assert!(matches!(answer, Err(KeystoreError::TimedOut)), "{answer:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_given_up_is_not_done_later() {
        let (service, release) = stuck();
        let (done, mut was_done) = oneshot::channel();
        let answer = service.submit(move || {
            done.send(()).unwrap();
            Ok(())
        });
        assert!(matches!(answer.await, Err(KeystoreError::TimedOut)));
        drop(release);
        let (end, ended) = oneshot::channel();
        let job: Job = Box::new(move || end.send(()).unwrap());
        service.jobs.send(job).unwrap();
        ended.await.unwrap();
        assert!(was_done.try_recv().is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn the_queue_before_a_stuck_keystore_is_bounded() {
        let (service, _release) = stuck();
        let calls: Vec<_> = (0..QUEUE + 2).map(|_| service.list()).collect();
        let answers = futures_util::future::join_all(calls).await;
        assert!(matches!(answers.last(), Some(Err(KeystoreError::Busy))));
    }

    #[tokio::test]
    #[ignore = "needs a Secret Service: dbus-run-session with an unlocked gnome-keyring-daemon"]
    async fn a_real_secret_service_keeps_what_it_is_given() {
        let service = SecretService::new().unwrap();
        let secret = || SecretBytes::new(vec![0, 255, 10, 13]);
        service.remove(&Entry::ClientSecret).await.unwrap();
        let before = service.list().await.unwrap();
        assert!(service.load(&Entry::ClientSecret).await.unwrap().is_none());
        for _ in 0..2 {
            service.store(&Entry::ClientSecret, secret()).await.unwrap();
        }
        let loaded = service.load(&Entry::ClientSecret).await.unwrap().unwrap();
        assert_eq!(loaded.expose(), secret().expose());
        assert_eq!(service.list().await.unwrap().len(), before.len() + 1);
        assert!(service.remove(&Entry::ClientSecret).await.unwrap());
        assert!(!service.remove(&Entry::ClientSecret).await.unwrap());
    }
}
