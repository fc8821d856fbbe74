//! What the provider gave out for one login.

use std::fmt;
use std::sync::Arc;

use cardea_session::Time;

use crate::discovery::Provider;
use crate::logout_token::Ended;
use crate::{Logout, Secret};

/// The tokens of one login: in memory only, wiped when dropped. Whoever holds them gives them to
/// [`RelyingParty::clean_up`](crate::RelyingParty::clean_up) in the end.
pub struct Tokens {
    pub(crate) id_token: Option<Secret>,
    pub(crate) access_token: Option<Secret>,
    pub(crate) refresh_token: Option<Secret>,
    pub(crate) expires_at: Option<Time>,
    pub(crate) sid: Option<String>,
    /// Whose they are.
    pub(crate) subject: Option<String>,
    /// The provider as it was known when it gave them out.
    pub(crate) provider: Arc<Provider>,
}

impl Tokens {
    /// The ID token as it came; of a login that was refused it is not to be trusted.
    #[must_use]
    pub fn id_token(&self) -> Option<&Secret> {
        self.id_token.as_ref()
    }

    /// The access token, while it is kept (see [`Settings`](crate::Settings)).
    #[must_use]
    pub fn access_token(&self) -> Option<&Secret> {
        self.access_token.as_ref()
    }

    /// The ID token's `exp`; none unless the token passed its checks.
    #[must_use]
    pub fn expires_at(&self) -> Option<Time> {
        self.expires_at
    }

    /// The provider's name for its own session, the key for logout by the provider; none unless
    /// the ID token passed its checks and has one.
    #[must_use]
    pub fn sid(&self) -> Option<&str> {
        self.sid.as_deref()
    }

    /// Whether the provider ended the session that they are of.
    #[must_use]
    pub fn are_ended_by(&self, logout: &Logout) -> bool {
        match &logout.ended {
            Ended::Session(sid) => self.sid.as_ref() == Some(sid),
            Ended::EverythingOf(subject) => self.subject.as_ref() == Some(subject),
        }
    }

    /// Wipes the access token unless something still needs it: a program that may have it, or the
    /// clean-up at the provider.
    pub(crate) fn forget_access_token_unless_needed(&mut self, kept_for_programs: bool) {
        let provider = &self.provider;
        let for_clean_up =
            provider.end_session_endpoint.is_some() || provider.revocation_endpoint.is_some();
        if !kept_for_programs && !for_clean_up {
            self.access_token = None;
        }
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens([redacted])")
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;
    use crate::testing::memory::{ALIKE, Place, token};

    fn provider() -> Arc<Provider> {
        let at = |path: &str| format!("https://cis2.example:443/{path}");
        let document = serde_json::json!({
            "issuer": at("op"), "authorization_endpoint": at("authorize"),
            "token_endpoint": at("token"), "userinfo_endpoint": at("userinfo"),
            "jwks_uri": at("jwks"),
        });
        Arc::new(serde_json::from_value(document).unwrap())
    }

    #[test]
    fn every_token_is_wiped_when_they_are_dropped_and_an_unneeded_one_before() {
        let secret = || Some(Secret::new(token()));
        let mut tokens = Tokens {
            id_token: secret(),
            access_token: secret(),
            refresh_token: secret(),
            expires_at: None,
            sid: None,
            subject: None,
            provider: provider(),
        };
        let place = |secret: &Option<Secret>| {
            let secret = secret.as_ref().unwrap();
            Place::of(secret.expose().as_bytes())
        };
        let access = place(&tokens.access_token);
        let others = [place(&tokens.id_token), place(&tokens.refresh_token)];
        tokens.forget_access_token_unless_needed(false);
        assert!(access.left() < ALIKE);
        for place in &others {
            assert_eq!(place.left(), token().len());
        }
        drop(tokens);
        for place in others {
            assert!(place.left() < ALIKE, "{} bytes are left", place.left());
        }
    }
}
