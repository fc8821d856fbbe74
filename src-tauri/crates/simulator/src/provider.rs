//! A simulated CIS2: an OpenID provider on loopback, shaped like ForgeRock AM as CIS2 runs it
//! (cis2.md 1 to 5), with synthetic people, that misbehaves on demand and remembers what it saw.

mod answer;
mod authorize;
mod claims;
mod client_auth;
mod discovery;
mod end;
mod fault;
mod hold;
mod key;
mod log;
mod logout;
mod page;
mod person;
mod route;
mod server;
mod settings;
mod state;
#[cfg(test)]
mod tests;
mod token;
mod user_info;

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use fault::{
    AnswerFault, CallbackFault, DiscoveryFault, Endpoint, Fault, IdTokenFault, UserInfoFault,
};
pub use hold::{Hold, Step};
pub use key::KeyError;
pub use log::{AuthorizeRequest, ClientAuth, Log, Seen, TokenKind};
pub use person::{Person, PersonRole};
pub use settings::{Client, Credential, ProviderSettings, RedirectUri};
pub use state::random_id as random_secret;

use key::SigningKey;
use state::{Registered, Shared};

/// Where the issuer is on its host: CIS2's healthcare realm.
const REALM: &str = "/openam/oauth2/realms/root/realms/NHSIdentity/realms/Healthcare";

/// Why the simulated CIS2 did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The port cannot be listened on.
    #[error("port {port} of 127.0.0.1 cannot be listened on")]
    Listen {
        /// The port.
        port: u16,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The keys of a client are no JWK set.
    #[error("the keys of client {client} are no JWK set")]
    ClientKeys {
        /// The client.
        client: String,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// There is no key to sign with.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// What was waited for did not happen in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the simulated CIS2 did not see it in time")]
pub struct NotSeen;

/// A running simulated CIS2; it stops when this is dropped.
pub struct Provider {
    shared: Arc<Shared>,
    port: u16,
    stop: CancellationToken,
    server: JoinHandle<()>,
}

impl Provider {
    /// Starts listening on 127.0.0.1; when this returns, requests are answered.
    ///
    /// # Errors
    /// [`StartError`] when the port is taken or the settings cannot be used.
    pub async fn start(settings: ProviderSettings) -> Result<Self, StartError> {
        let clients = registered(&settings)?;
        SigningKey::numbered(0)?;
        let port = settings.port;
        let listen = |source| StartError::Listen { port, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .await
            .map_err(listen)?;
        let port = listener.local_addr().map_err(listen)?.port();
        let own = || format!("http://127.0.0.1:{port}");
        let origin = settings.origin.clone().unwrap_or_else(own);
        let issuer = format!("{origin}{REALM}");
        let shared = Arc::new(Shared::new(issuer, clients, settings));
        let stop = CancellationToken::new();
        let server = tokio::spawn(server::serve(listener, Arc::clone(&shared), stop.clone()));
        Ok(Self {
            shared,
            port,
            stop,
            server,
        })
    }

    /// The issuer, byte for byte.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.shared.issuer
    }

    /// The port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// An endpoint's address, byte for byte.
    #[must_use]
    pub fn endpoint(&self, endpoint: Endpoint) -> String {
        self.shared.endpoint(endpoint)
    }

    /// Who can sign in.
    #[must_use]
    pub fn people(&self) -> &[Person] {
        &self.shared.people
    }

    /// Misbehaves this way too from now on.
    pub fn add_fault(&self, fault: Fault) {
        self.shared.lock().faults.push(fault);
    }

    /// Behaves again.
    pub fn clear_faults(&self) {
        self.shared.lock().faults.clear();
    }

    /// Signs with another key from now on, and no longer publishes the one before.
    ///
    /// # Errors
    /// [`KeyError`] when the key cannot be made.
    pub fn rotate_key(&self) -> Result<(), KeyError> {
        let mut state = self.shared.lock();
        let next = (state.key + 1) % SigningKey::COUNT;
        SigningKey::numbered(next)?;
        state.key = next;
        Ok(())
    }

    /// A logout token for the session of a grant, as CIS2 would send it to its client's public
    /// address (cis2.md 5.1); `changes` has claims to set, or with null to leave out. None when
    /// there is no such grant.
    ///
    /// # Errors
    /// [`KeyError`] when the key cannot be used.
    pub fn logout_token(&self, grant: usize, changes: &Value) -> Result<Option<String>, KeyError> {
        logout::token(&self.shared, grant, changes)
    }

    /// Makes everybody who reaches `step` wait until the answer is released or dropped.
    pub fn hold(&self, step: Step) -> Hold {
        self.shared.holds.hold(step)
    }

    /// What was seen so far.
    #[must_use]
    pub fn log(&self) -> Log {
        self.shared.lock().log.clone()
    }

    /// Waits until what was seen is enough, and gives it.
    ///
    /// # Errors
    /// [`NotSeen`] after `limit`.
    pub async fn wait_for(
        &self,
        limit: Duration,
        enough: impl Fn(&Log) -> bool,
    ) -> Result<Log, NotSeen> {
        let mut changed = self.shared.changed.subscribe();
        let seen = async {
            loop {
                let log = self.log();
                if enough(&log) {
                    return Ok(log);
                }
                changed.changed().await.map_err(|_| NotSeen)?;
            }
        };
        tokio::time::timeout(limit, seen)
            .await
            .map_err(|_| NotSeen)?
    }

    /// Every code and token given out so far, for tests that look for leaks.
    #[must_use]
    pub fn issued(&self) -> Vec<String> {
        self.shared.lock().issued.clone()
    }

    /// Stops listening and drops every connection.
    pub async fn stop(mut self) {
        self.stop.cancel();
        // The task only ends by the token, and a panic in it was shown when it happened.
        let _ = (&mut self.server).await;
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.stop.cancel();
        self.server.abort();
    }
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Provider")
            .field("issuer", &self.shared.issuer)
            .finish_non_exhaustive()
    }
}

fn registered(settings: &ProviderSettings) -> Result<Vec<Registered>, StartError> {
    let register = |client: &Client| {
        let keys = match &client.credential {
            Credential::Secret(_) => serde_json::json!({ "keys": [] }),
            Credential::Keys { jwks, .. } => jwks.clone(),
        };
        let keys = serde_json::from_value(keys).map_err(|source| StartError::ClientKeys {
            client: client.id.clone(),
            source,
        })?;
        Ok(Registered {
            client: client.clone(),
            keys,
        })
    };
    settings.clients.iter().map(register).collect()
}
