//! What the simulated CIS2 remembers.

use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::JwkSet;
use tokio::sync::watch;

use crate::provider::hold::Holds;
use crate::provider::{Client, Endpoint, Fault, Log, Person, ProviderSettings, Seen};

/// How many sign-ins, codes and grants are remembered; the oldest go first.
const REMEMBERED: usize = 1_000;

/// How long a code can be redeemed.
pub(super) const CODE_LIFETIME: Duration = Duration::from_secs(60);

/// What every request handler needs.
pub(super) struct Shared {
    pub(super) issuer: String,
    pub(super) clients: Vec<Registered>,
    pub(super) people: Vec<Person>,
    pub(super) holds: Holds,
    pub(super) changed: watch::Sender<()>,
    state: Mutex<State>,
}

/// A client and, when it proves itself by them, its keys.
pub(super) struct Registered {
    pub(super) client: Client,
    pub(super) keys: JwkSet,
}

#[derive(Default)]
pub(super) struct State {
    /// Which signing key is used and published.
    pub(super) key: usize,
    pub(super) faults: Vec<Fault>,
    pub(super) log: Log,
    /// Browsers at the sign-in page.
    pub(super) sign_ins: Remembered<SignIn>,
    /// Codes given out and not yet redeemed.
    pub(super) codes: Remembered<Code>,
    pub(super) grants: Vec<Grant>,
    /// `jti` of the client assertions that were accepted.
    pub(super) assertions: HashSet<String>,
    /// Every code and token given out.
    pub(super) issued: Vec<String>,
}

/// A browser at the sign-in page: the authorize request, and who it turned out to be.
#[derive(Clone)]
pub(super) struct SignIn {
    pub(super) client: String,
    pub(super) redirect_uri: String,
    pub(super) scopes: Vec<String>,
    pub(super) state: Option<String>,
    pub(super) nonce: Option<String>,
    pub(super) code_challenge: Option<String>,
    pub(super) acr: String,
    /// Unix time of the authorize request.
    pub(super) asked_at: i64,
    /// Set once the PIN was right.
    pub(super) person: Option<Person>,
}

/// A code that can be redeemed once.
#[derive(Clone)]
pub(super) struct Code {
    pub(super) sign_in: SignIn,
    pub(super) person: Person,
    pub(super) role: Option<String>,
    /// Unix time of the PIN.
    pub(super) signed_in_at: i64,
    pub(super) given_at: Instant,
}

/// Tokens given out for one code.
#[derive(Clone)]
pub(super) struct Grant {
    pub(super) client: String,
    pub(super) person: Person,
    pub(super) scopes: Vec<String>,
    pub(super) access_token: String,
    pub(super) id_token: String,
    pub(super) revoked: bool,
}

/// Things by their random id, a limited number of them.
pub(super) struct Remembered<T>(VecDeque<(String, T)>);

impl Shared {
    pub(super) fn new(
        issuer: String,
        clients: Vec<Registered>,
        settings: ProviderSettings,
    ) -> Self {
        Self {
            issuer,
            clients,
            people: settings.people,
            holds: Holds::default(),
            changed: watch::Sender::new(()),
            state: Mutex::default(),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn endpoint(&self, endpoint: Endpoint) -> String {
        format!("{}{}", self.issuer, endpoint.path())
    }

    pub(super) fn record(&self, seen: Seen) {
        tracing::debug!(?seen, "simulated CIS2");
        self.lock().log.record(seen);
        self.changed.send_replace(());
    }

    pub(super) fn faults(&self) -> Vec<Fault> {
        self.lock().faults.clone()
    }
}

impl<T> Default for Remembered<T> {
    fn default() -> Self {
        Self(VecDeque::new())
    }
}

impl<T> Remembered<T> {
    /// Remembers `thing` under a new random id.
    pub(super) fn add(&mut self, thing: T) -> String {
        if self.0.len() == REMEMBERED {
            self.0.pop_front();
        }
        let id = random_id();
        self.0.push_back((id.clone(), thing));
        id
    }

    pub(super) fn find(&mut self, id: &str) -> Option<&mut T> {
        let (_, thing) = self.0.iter_mut().find(|(known, _)| known == id)?;
        Some(thing)
    }

    pub(super) fn take(&mut self, id: &str) -> Option<T> {
        let index = self.0.iter().position(|(known, _)| known == id)?;
        let (_, thing) = self.0.remove(index)?;
        Some(thing)
    }
}

/// 256 random bits as 43 characters of base64url: a token, a secret, an id.
#[must_use]
pub fn random_id() -> String {
    let mut bytes = [0; 32];
    // Only fails when the operating system has no randomness; then ids repeat, and tests fail.
    if rand::fill(&mut bytes).is_err() {
        tracing::error!("no randomness");
    }
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Seconds since 1970.
pub(super) fn unix_now() -> i64 {
    jiff::Timestamp::now().as_second()
}
