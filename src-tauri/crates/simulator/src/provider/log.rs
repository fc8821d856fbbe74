//! What the simulated CIS2 saw, so that tests need not parse HTTP.

use serde::{Deserialize, Serialize};

use crate::provider::Endpoint;

/// Everything the simulated CIS2 saw, in order.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Log {
    /// What it saw; the first 10,000.
    pub seen: Vec<Seen>,
}

/// One thing that the simulated CIS2 saw. A grant is a set of tokens given out for one code; the
/// first is 0.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Seen {
    /// The discovery document was read.
    Discovery,
    /// The keys were read.
    Jwks,
    /// A browser came with a good authorize request.
    Authorize(AuthorizeRequest),
    /// Somebody signed in and was sent back with a code.
    SignedIn {
        /// Who.
        person: String,
    },
    /// Somebody was sent back with an error.
    SentBack {
        /// `error`.
        error: String,
    },
    /// Tokens were made for a code. They count as given out even if nobody takes the answer.
    Tokens {
        /// The grant.
        grant: usize,
        /// How the client proved itself.
        client_auth: ClientAuth,
    },
    /// UserInfo was asked with the access token of a grant.
    UserInfo {
        /// The grant.
        grant: usize,
    },
    /// A token was revoked.
    Revoked {
        /// The grant.
        grant: usize,
        /// Which token of it.
        token: TokenKind,
    },
    /// The session of a grant was ended by its ID token.
    SessionEnded {
        /// The grant.
        grant: usize,
    },
    /// Something was refused.
    Refused {
        /// Where.
        endpoint: Endpoint,
        /// `error`, as the client was told.
        error: String,
        /// Why, as the client was not told.
        why: String,
    },
    /// A client followed a redirect of
    /// [`AnswerFault::Redirects`](crate::provider::AnswerFault::Redirects).
    RedirectFollowed {
        /// Which endpoint's.
        endpoint: Endpoint,
    },
}

/// A good authorize request.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct AuthorizeRequest {
    /// `client_id`.
    pub client: String,
    /// `redirect_uri`.
    pub redirect_uri: String,
    /// `scope`.
    pub scopes: Vec<String>,
    /// Whether there was a `code_challenge`.
    pub pkce: bool,
    /// `prompt`.
    pub prompt: Option<String>,
    /// `max_age`.
    pub max_age: Option<String>,
    /// `acr_values`.
    pub acr_values: Option<String>,
}

/// How a client proved itself.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuth {
    /// `client_secret_post`.
    ClientSecretPost,
    /// `private_key_jwt`.
    PrivateKeyJwt,
}

/// A kind of token.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    /// The access token.
    Access,
    /// The ID token.
    Id,
}

impl Log {
    const LIMIT: usize = 10_000;

    /// How many sets of tokens were given out.
    #[must_use]
    pub fn grants(&self) -> usize {
        self.count(|seen| matches!(seen, Seen::Tokens { .. }))
    }

    /// Whether the access token of this grant was revoked.
    #[must_use]
    pub fn revoked(&self, grant: usize) -> bool {
        let token = TokenKind::Access;
        self.seen.contains(&Seen::Revoked { grant, token })
    }

    /// Whether the session of this grant was ended.
    #[must_use]
    pub fn session_ended(&self, grant: usize) -> bool {
        self.seen.contains(&Seen::SessionEnded { grant })
    }

    /// Whether every set of tokens given out was revoked and its session ended.
    #[must_use]
    pub fn cleaned_up(&self) -> bool {
        (0..self.grants()).all(|grant| self.revoked(grant) && self.session_ended(grant))
    }

    /// How many times something was seen.
    pub fn count(&self, what: impl Fn(&Seen) -> bool) -> usize {
        self.seen.iter().filter(|seen| what(seen)).count()
    }

    pub(super) fn record(&mut self, seen: Seen) {
        if self.seen.len() < Self::LIMIT {
            self.seen.push(seen);
        }
    }
}
