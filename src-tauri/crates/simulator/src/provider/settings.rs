//! What the simulated CIS2 is set up with: its port, its clients and its people.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::provider::Person;

/// The redirect ports that Cardea has by default.
const REDIRECT_PORTS: [u16; 3] = [28117, 28217, 28317];

/// What the simulated CIS2 is set up with.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProviderSettings {
    /// The port on 127.0.0.1; 0 for any free one. It is part of the issuer.
    pub port: u16,
    /// Where it is reached, when something is in between, for instance `https://localhost:8443`: in
    /// the issuer in place of its own address.
    pub origin: Option<String>,
    /// The registered relying parties.
    pub clients: Vec<Client>,
    /// Who can sign in.
    pub people: Vec<Person>,
}

impl ProviderSettings {
    /// Any free port, everyone of [`Person::everyone`] and one client.
    #[must_use]
    pub fn with_client(client: Client) -> Self {
        Self {
            clients: vec![client],
            ..Self::default()
        }
    }
}

impl Default for ProviderSettings {
    fn default() -> Self {
        Self {
            port: 0,
            origin: None,
            clients: Vec::new(),
            people: Person::everyone(),
        }
    }
}

/// A registered relying party.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// Its `client_id`.
    pub id: String,
    /// How it proves itself at the token endpoint.
    pub credential: Credential,
    /// Where it may be redirected to.
    #[serde(default = "default_redirect_uris")]
    pub redirect_uris: Vec<RedirectUri>,
}

impl Client {
    /// A client with `client_secret_post` and Cardea's default redirect addresses.
    #[must_use]
    pub fn with_secret(id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            credential: Credential::Secret(secret.into()),
            redirect_uris: default_redirect_uris(),
        }
    }

    /// A client with `private_key_jwt`, the public `jwks` and the one registered `alg`
    /// (`jwks_uri_signing_algorithm`), and Cardea's default redirect addresses.
    #[must_use]
    pub fn with_keys(id: impl Into<String>, jwks: Value, alg: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            credential: Credential::Keys {
                jwks,
                alg: alg.into(),
            },
            redirect_uris: default_redirect_uris(),
        }
    }

    /// The same client, allowed to be redirected to any loopback port with this path.
    #[must_use]
    pub fn on_any_port(mut self, path: impl Into<String>) -> Self {
        self.redirect_uris = vec![RedirectUri::AnyPort(path.into())];
        self
    }
}

/// How a client proves itself.
#[derive(Clone, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Credential {
    /// `client_secret_post`.
    Secret(String),
    /// `private_key_jwt`.
    Keys {
        /// The public keys, a JWK set (RFC 7517, section 5).
        jwks: Value,
        /// The one algorithm assertions are accepted with.
        alg: String,
    },
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Secret(_) => "Secret([redacted])",
            Self::Keys { .. } => "Keys",
        })
    }
}

/// An address that a client may be redirected to.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RedirectUri {
    /// This one, byte for byte.
    Exact(String),
    /// Any port of `localhost` or `127.0.0.1` with this path: for tests that run in parallel
    /// (RFC 8252, section 7.3; whether CIS2 allows it is not known).
    AnyPort(String),
}

impl RedirectUri {
    pub(super) fn allows(&self, asked: &str) -> bool {
        match self {
            Self::Exact(uri) => uri == asked,
            Self::AnyPort(path) => ["http://localhost:", "http://127.0.0.1:"]
                .iter()
                .filter_map(|prefix| asked.strip_prefix(prefix))
                .filter_map(|rest| rest.split_once('/'))
                .any(|(port, rest)| {
                    port.parse::<u16>().is_ok() && path.strip_prefix('/') == Some(rest)
                }),
        }
    }
}

fn default_redirect_uris() -> Vec<RedirectUri> {
    REDIRECT_PORTS
        .iter()
        .map(|port| RedirectUri::Exact(format!("http://localhost:{port}/callback")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirect_addresses_are_compared_byte_for_byte() {
        let uri = RedirectUri::Exact("http://localhost:28117/callback".into());
        assert!(uri.allows("http://localhost:28117/callback"));
        for other in [
            "http://localhost:28118/callback",
            "http://localhost:28117/callback/",
            "http://127.0.0.1:28117/callback",
        ] {
            assert!(!uri.allows(other), "{other}");
        }
    }

    #[test]
    fn any_port_is_any_port_of_loopback_only() {
        let uri = RedirectUri::AnyPort("/callback".into());
        assert!(uri.allows("http://localhost:1/callback"));
        assert!(uri.allows("http://127.0.0.1:65535/callback"));
        for other in [
            "http://localhost:65536/callback",
            "http://localhost:1/callback/x",
            "http://localhost:1@evil.example/callback",
            "https://localhost:1/callback",
        ] {
            assert!(!uri.allows(other), "{other}");
        }
    }
}
