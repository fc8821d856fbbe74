//! The provider says that one of its sessions is over: the logout token of OpenID Connect
//! Back-Channel Logout 1.0, sections 2.4 and 2.6.

mod checks;
mod error;
mod seen;

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

pub use error::LogoutTokenError;

use crate::id_token::Jws;
use crate::{RelyingParty, Secret, Settings};
use checks::{Checked, check, check_type};
use error::Why;
use seen::Seen;

/// A logout token that passed every check.
#[derive(Clone, PartialEq, Eq)]
pub struct Logout {
    pub(crate) issuer: String,
    pub(crate) client_id: String,
    pub(crate) ended: Ended,
}

/// What the provider ended.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Its session of this `sid`, and no other.
    Session(String),
    /// Every session of this `sub`: the token has no `sid`.
    EverythingOf(String),
}

impl Logout {
    /// Whether it is for the client, and by the provider, of these settings.
    #[must_use]
    pub fn is_from(&self, settings: &Settings) -> bool {
        self.issuer == settings.issuer && self.client_id == settings.client_id
    }

    /// Whether it names one session, and not everything of a user.
    #[must_use]
    pub fn is_of_one_session(&self) -> bool {
        match self.ended {
            Ended::Session(_) => true,
            Ended::EverythingOf(_) => false,
        }
    }
}

impl fmt::Debug for Logout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Logout([redacted])")
    }
}

/// Reads logout tokens, each of them once.
#[derive(Debug, Default)]
pub struct LogoutTokens(Mutex<Seen>);

impl LogoutTokens {
    /// Reads a token that the provider of one of `parties` must have signed for it; each provider
    /// is asked for its keys where they are not known yet.
    ///
    /// # Errors
    /// When it is not a good logout token for any of them, or none of them can tell.
    pub async fn read(
        &self,
        parties: &[Arc<RelyingParty>],
        token: &Secret,
    ) -> Result<Logout, LogoutTokenError> {
        let mut refused = Why::NobodyAsks;
        for party in parties {
            match party.check_logout_token(token).await {
                Ok(checked) => return Ok(self.once(checked)?),
                Err(why) => refused = why,
            }
        }
        Err(refused.into())
    }

    fn once(&self, checked: Checked) -> Result<Logout, Why> {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.is_new(&checked) {
            Ok(checked.logout)
        } else {
            Err(Why::SeenBefore)
        }
    }
}

#[cfg(feature = "fuzzing")]
impl LogoutTokens {
    /// Reads a token as [`Self::read`] does, with `keys` in place of the provider's.
    pub(crate) fn read_with(
        &self,
        keys: &[jsonwebtoken::jwk::Jwk],
        settings: &Settings,
        now: cardea_session::Time,
        token: &str,
    ) -> Result<Logout, LogoutTokenError> {
        let read = || {
            let jws = Jws::parse(token).map_err(Why::from)?;
            check_type(jws.typ())?;
            let claims = jws.verify(&jws.key_wanted().among(keys))?;
            self.once(check(claims, settings, now)?)
        };
        Ok(read()?)
    }
}

impl RelyingParty {
    async fn check_logout_token(&self, token: &Secret) -> Result<Checked, Why> {
        let jws = Jws::parse(token.expose())?;
        check_type(jws.typ())?;
        let provider = self.discovery.provider(&self.settings, &self.wire).await?;
        let wanted = jws.key_wanted();
        let keys = self.keys.keys(&self.wire, &provider.jwks_uri, &wanted);
        let claims = jws.verify(&keys.await.map_err(Why::Keys)?)?;
        check(claims, &self.settings, self.clock.now())
    }
}
