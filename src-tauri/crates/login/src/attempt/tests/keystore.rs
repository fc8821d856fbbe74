//! A keystore that does not do what it is asked: no login, and no other place for a credential.

use std::io;
use std::sync::Mutex as StdMutex;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, ThreadId};

use tokio::time::Instant;

use super::*;
use crate::keystore::KeystoreThread;
use crate::{Entry, KeystoreAnswer, KeystoreError, SecretBytes};

/// Answers every question by what a call on the keystore's own thread says.
struct Asked {
    thread: KeystoreThread,
    call: fn() -> KeystoreError,
    held: Arc<StdMutex<Option<Receiver<()>>>>,
    by: Arc<StdMutex<Option<ThreadId>>>,
}

impl Asked {
    fn new(call: fn() -> KeystoreError) -> Self {
        Self {
            thread: KeystoreThread::start("test").unwrap(),
            call,
            held: Arc::default(),
            by: Arc::default(),
        }
    }

    /// It answers when the sender is dropped.
    fn hanging(call: fn() -> KeystoreError) -> (Self, SyncSender<()>) {
        let (release, held) = sync_channel(0);
        let keystore = Self::new(call);
        *keystore.held.lock().unwrap() = Some(held);
        (keystore, release)
    }

    fn ask<T: Send + 'static>(&self) -> KeystoreAnswer<'_, T> {
        let (call, held, by) = (self.call, Arc::clone(&self.held), Arc::clone(&self.by));
        self.thread.submit(move || {
            *by.lock().unwrap() = Some(thread::current().id());
            if let Some(held) = held.lock().unwrap().take() {
                let _released = held.recv();
            }
            Err(call())
        })
    }
}

impl Keystore for Asked {
    fn load<'a>(&'a self, _entry: &'a Entry) -> KeystoreAnswer<'a, Option<SecretBytes>> {
        self.ask()
    }

    fn store<'a>(&'a self, _entry: &'a Entry, _secret: SecretBytes) -> KeystoreAnswer<'a, ()> {
        self.ask()
    }

    fn remove<'a>(&'a self, _entry: &'a Entry) -> KeystoreAnswer<'a, bool> {
        self.ask()
    }

    fn list(&self) -> KeystoreAnswer<'_, Vec<Entry>> {
        self.ask()
    }
}

/// No provider is asked: its issuer may not be used, which counts for less than the keystore.
fn settings(client_auth: ClientAuth) -> Settings {
    Settings {
        issuer: "ftp://nowhere.example".to_owned(),
        client_id: "test-client".to_owned(),
        client_auth,
        ..Settings::default()
    }
}

const CREDENTIALS: [ClientAuth; 2] = [ClientAuth::ClientSecretPost, ClientAuth::PrivateKeyJwt];

#[tokio::test(start_paused = true)]
async fn a_keystore_that_never_answers_is_unavailable_after_five_seconds() {
    for client_auth in CREDENTIALS {
        let (keystore, _release) = Asked::hanging(|| KeystoreError::Damaged);
        let bench = Bench::with_keystore(settings(client_auth), Arc::new(keystore));
        let started = Instant::now();
        let (failure, tokens) = failure(bench.attempt().await);
        assert_eq!(started.elapsed().as_secs(), 5);
        assert_eq!(failure.code, FailureCode::KeystoreUnavailable);
        assert!(failure.remedy.contains("did not answer in time"));
        assert!(tokens.is_none());
    }
}

#[tokio::test]
async fn a_keystore_that_is_locked_or_absent_is_unavailable_and_why_is_told() {
    for (call, says) in [
        (
            (|| KeystoreError::Locked(Box::new(io::Error::other("x")))) as fn() -> KeystoreError,
            "is locked",
        ),
        (
            || KeystoreError::Unreachable(Box::new(io::Error::other("x"))),
            "cannot be reached",
        ),
        (|| KeystoreError::Damaged, "is damaged"),
    ] {
        for client_auth in CREDENTIALS {
            let keystore = Arc::new(Asked::new(call));
            let bench = Bench::with_keystore(settings(client_auth), Arc::clone(&keystore) as _);
            let (failure, _) = failure(bench.attempt().await);
            assert_eq!(failure.code, FailureCode::KeystoreUnavailable);
            assert!(failure.remedy.contains(says), "{}", failure.remedy);
            let asked_by = keystore.by.lock().unwrap().unwrap();
            assert_ne!(asked_by, thread::current().id(), "it has its own thread");
        }
    }
}
