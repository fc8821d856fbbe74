//! The certified OpenID provider (`tests/provider/provider.mjs`), set up to look like CIS2.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::node::{NodeProgram, Output};

const LIMIT: Duration = Duration::from_secs(30);

/// The passcode of a person with two roles, [`NURSE_AT_SURGERY`] and another.
pub const FLO: &str = "1111";
/// The passcode of a person with one role.
pub const SAM: &str = "2222";
/// The passcode of a person without any role.
pub const KIM: &str = "3333";
/// The `sub` of [`FLO`].
pub const FLO_SUB: &str = "555000000001";
/// The first of the two roles of [`FLO`].
pub const NURSE_AT_SURGERY: &str = "555000000108";

/// Where the provider answers, as in CIS2; what can be held.
pub mod path {
    /// Codes for tokens.
    pub const TOKEN: &str = "/access_token";
    /// Who signed in.
    pub const USERINFO: &str = "/userinfo";
    /// The end of the provider's session.
    pub const END_SESSION: &str = "/connect/endSession";
    /// The end of an access token.
    pub const REVOCATION: &str = "/token/revoke";
}

/// A client that the provider knows.
pub struct Client {
    /// Its id.
    pub id: String,
    /// How it shows who it is.
    pub credential: Credential,
    /// Where its users may be sent back to, exactly.
    pub redirect_uris: Vec<String>,
}

/// How a client shows who it is.
pub enum Credential {
    /// `client_secret_post`.
    Secret(String),
    /// `client_secret_basic`.
    SecretInHeader(String),
    /// `private_key_jwt`, signed with this algorithm by a key of this set.
    Key {
        /// For instance `RS512`.
        alg: String,
        /// The public keys.
        jwks: Value,
    },
}

impl Client {
    fn registration(&self) -> Value {
        let mut registration = json!({"client_id": self.id, "redirect_uris": self.redirect_uris});
        let credential = match &self.credential {
            Credential::Secret(secret) => json!({
                "token_endpoint_auth_method": "client_secret_post",
                "client_secret": secret,
            }),
            Credential::SecretInHeader(secret) => json!({
                "token_endpoint_auth_method": "client_secret_basic",
                "client_secret": secret,
            }),
            Credential::Key { alg, jwks } => json!({
                "token_endpoint_auth_method": "private_key_jwt",
                "token_endpoint_auth_signing_alg": alg,
                "jwks": jwks,
            }),
        };
        if let (Some(all), Value::Object(credential)) = (registration.as_object_mut(), credential) {
            all.extend(credential);
        }
        registration
    }
}

/// The running provider; dropping it ends it.
pub struct Provider {
    program: NodeProgram,
    issuer: String,
    seen: Arc<Seen>,
    listener: JoinHandle<()>,
}

#[derive(Default)]
struct Seen {
    events: Mutex<Vec<Event>>,
    more: Notify,
}

struct Event {
    what: Value,
    taken: bool,
}

impl Provider {
    /// Starts a provider where everyone signs in by smartcard.
    pub async fn start(clients: &[Client]) -> Result<Self> {
        Self::start_with(clients, "AAL3_ANY", &["N3_SMARTCARD"]).await
    }

    /// Starts a provider whose ID tokens say this about how people signed in.
    pub async fn start_with(clients: &[Client], acr: &str, amr: &[&str]) -> Result<Self> {
        let (mut program, mut output) = NodeProgram::start("provider.mjs")?;
        let clients = clients.iter().map(Client::registration).collect::<Vec<_>>();
        program
            .say(&json!({"clients": clients, "acr": acr, "amr": amr}))
            .await?;
        let ready = output.next_soon(&program).await?;
        let issuer = ready["ready"]["issuer"]
            .as_str()
            .context("no issuer")?
            .to_owned();
        let seen = Arc::<Seen>::default();
        let listener = tokio::spawn(listen(output, Arc::clone(&seen)));
        Ok(Self {
            program,
            issuer,
            seen,
            listener,
        })
    }

    /// The issuer, which is also where it listens.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Waits until the provider sees `what` (`passcode_page`, `tokens_given`, …), each one once.
    pub async fn sees(&self, what: &str) -> Result<Value> {
        let event = async {
            loop {
                let more = self.seen.more.notified();
                if let Some(event) = self.seen.take(what) {
                    return event;
                }
                more.await;
            }
        };
        let Ok(event) = timeout(LIMIT, event).await else {
            bail!(
                "the provider did not see {what}, but {:?}",
                self.seen.names()
            );
        };
        Ok(event)
    }

    /// All of this kind that the provider has seen so far.
    pub fn saw(&self, what: &str) -> Vec<Value> {
        self.seen.all(what)
    }

    /// From now on answers of this path wait; the provider sees `held` when one does.
    pub async fn hold(&mut self, path: &str) -> Result<()> {
        self.program.say(&json!({"hold": path})).await
    }

    /// Lets the waiting answers of this path go.
    pub async fn release(&mut self, path: &str) -> Result<()> {
        self.program.say(&json!({"release": path})).await
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

impl Seen {
    fn push(&self, what: Value) {
        self.lock().push(Event { what, taken: false });
        self.more.notify_waiters();
    }

    fn take(&self, name: &str) -> Option<Value> {
        let mut events = self.lock();
        let event = events
            .iter_mut()
            .find(|event| !event.taken && event.what["saw"] == name)?;
        event.taken = true;
        Some(event.what.clone())
    }

    fn all(&self, name: &str) -> Vec<Value> {
        let events = self.lock();
        events
            .iter()
            .map(|event| &event.what)
            .filter(|what| what["saw"] == name)
            .cloned()
            .collect()
    }

    fn names(&self) -> Vec<String> {
        self.lock()
            .iter()
            .map(|event| event.what["saw"].to_string())
            .collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Event>> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn listen(mut output: Output, seen: Arc<Seen>) {
    while let Some(event) = output.next().await {
        seen.push(event);
    }
}
