//! Whole attempts against a provider on loopback and a browser that is an HTTP client.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use cardea_session::{Failure, FailureCode, Identity, LoginMode, LoginUpdate, PriorSession, Time};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::{AttemptAddress, AttemptRequest, Finished, Stop};
use crate::testing::{Change, Faults, Seen, Step, StoppedClock, TestBrowser, TestProvider};
use crate::{
    AssertionAlg, BrowserAnswer, ClientAuth, Clock, Credentials, KeyKind, KeyRequest, KeyScope,
    Keystore, Language, MemoryKeystore, RelyingParty, Secret, Settings, SystemClock, Tokens,
    WantedHome,
};

mod early;
mod flow;
mod keystore;
mod misled;
mod rules;
mod stopped;

/// No attempt of these tests takes so long.
const HANGING: Duration = Duration::from_secs(60);

/// Everything around one attempt.
struct Bench {
    party: RelyingParty,
    seen: mpsc::Receiver<Seen>,
    updates: Mutex<Vec<String>>,
    address: AttemptAddress,
    stop: Stop,
}

impl Bench {
    async fn new(settings: Settings) -> Self {
        let keystore: Arc<dyn Keystore> = Arc::new(MemoryKeystore::default());
        let secret = Secret::new("hush".to_owned());
        let credentials = Credentials::new(Arc::clone(&keystore));
        credentials.store_client_secret(&secret).await.unwrap();
        Self::with_keystore(settings, keystore)
    }

    fn with_keystore(settings: Settings, keystore: Arc<dyn Keystore>) -> Self {
        let (browser, seen) = TestBrowser::new();
        Self {
            party: RelyingParty::new(settings, keystore, Arc::new(browser)),
            seen,
            updates: Mutex::default(),
            address: AttemptAddress::default(),
            stop: Stop::default(),
        }
    }

    async fn attempt(&self) -> Finished {
        self.attempt_as(LoginMode::SignIn, None).await
    }

    async fn attempt_as(&self, mode: LoginMode, prior: Option<PriorSession>) -> Finished {
        let request = AttemptRequest {
            mode,
            prior,
            language: Language::English,
            address: self.address.clone(),
        };
        let note = |update| self.updates.lock().unwrap().push(format!("{update:?}"));
        let attempt = self.party.attempt(request, &note, self.stop.clone());
        timeout(HANGING, attempt).await.expect("the attempt hangs")
    }

    /// The failure of an attempt that gave no tokens.
    async fn fails_without_tokens(&self) -> FailureCode {
        let (failure, tokens) = failure(self.attempt().await);
        assert!(tokens.is_none(), "{failure:?}");
        failure.code
    }

    /// The failure of an attempt that gave tokens; they get cleaned up.
    async fn fails_with_tokens(&self) -> FailureCode {
        let (failure, tokens) = failure(self.attempt().await);
        self.party.clean_up(tokens.expect("no tokens")).await;
        failure.code
    }
}

#[track_caller]
fn failure(finished: Finished) -> (Failure, Option<Tokens>) {
    match finished {
        Finished::Failed { failure, tokens } => (failure, tokens),
        Finished::Granted { .. } => panic!("granted"),
    }
}

#[track_caller]
fn granted(finished: Finished) -> (Identity, Tokens, BrowserAnswer) {
    match finished {
        Finished::Granted {
            identity,
            tokens,
            answer,
        } => (identity, tokens, answer),
        Finished::Failed { failure, .. } => panic!("{failure:?}"),
    }
}

/// Lets time pass at once.
async fn advance(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

fn set(name: &'static str, value: Value) -> Option<Change> {
    Some(Box::new(move |object| object[name] = value.clone()))
}

fn take(name: &'static str) -> Option<Change> {
    Some(Box::new(move |object| {
        object.as_object_mut().unwrap().remove(name);
    }))
}

fn instead(step: Step, status: u16, body: impl Into<Vec<u8>>) -> Faults {
    Faults {
        instead: [(step, (status, body.into()))].into(),
        ..Faults::default()
    }
}

fn held(step: Step) -> Faults {
    Faults {
        held: vec![step],
        ..Faults::default()
    }
}

async fn bench(faults: Faults) -> (TestProvider, Bench) {
    let provider = TestProvider::start(faults).await;
    let bench = Bench::new(provider.settings()).await;
    (provider, bench)
}
