//! One login: what it is asked, what it says of itself, how it ends.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use cardea_session::{Failure, Identity, LoginMode, LoginUpdate, PriorSession};
use tokio::time::Instant;

use crate::failure::LoginError;
use crate::{BrowserAnswer, Language, RelyingParty, Secret, Tokens};

mod run;
mod stop;

use run::Attempt;
pub use stop::Stop;

/// What to do.
#[derive(Clone, Debug)]
pub struct AttemptRequest {
    /// Why the user signs in.
    pub mode: LoginMode,
    /// The session under way, for re-authentication and role change.
    pub prior: Option<PriorSession>,
    /// The language of the result page.
    pub language: Language,
    /// Where the address is put that the user can copy into a browser.
    pub address: AttemptAddress,
}

/// The address of the attempt under way, while the browser is waited for. Clones share it.
#[derive(Clone, Default)]
pub struct AttemptAddress(Arc<Mutex<Option<Secret>>>);

impl AttemptAddress {
    /// The address to open in a browser on this computer.
    #[must_use]
    pub fn current(&self) -> Option<Secret> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn set(&self, address: Option<Secret>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = address;
    }
}

impl fmt::Debug for AttemptAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AttemptAddress([redacted])")
    }
}

/// How an attempt ended.
#[derive(Debug)]
pub enum Finished {
    /// Every check passed.
    Granted {
        /// Who signed in.
        identity: Identity,
        /// What the provider gave out.
        tokens: Tokens,
        /// What the browser is told; dropped, that nobody is signed in.
        answer: BrowserAnswer,
    },
    /// It came to nothing.
    Failed {
        /// Why.
        failure: Failure,
        /// What the provider gave out all the same: to be cleaned up (contract, section 3.3
        /// rule 7).
        tokens: Option<Tokens>,
    },
}

impl From<LoginError> for Finished {
    fn from(error: LoginError) -> Self {
        failed(&error, None)
    }
}

fn failed(error: &LoginError, tokens: Option<Tokens>) -> Finished {
    let failure = error.failure();
    // The sources are library errors about connections; no text of the provider is among them.
    tracing::warn!(
        code = failure.code.as_str(),
        error = error as &dyn std::error::Error,
        "login failed"
    );
    Finished::Failed { failure, tokens }
}

impl RelyingParty {
    /// Signs a user in. `updates` hears how it goes on, but not its end, and must not block.
    ///
    /// When it is told to `stop` it ends soon: at once, or as soon as the provider has answered a
    /// token call that is under way. Dropping the future instead may lose tokens that were given
    /// out.
    pub async fn attempt(
        &self,
        request: AttemptRequest,
        updates: &(dyn Fn(LoginUpdate) + Send + Sync),
        stop: Stop,
    ) -> Finished {
        let address = request.address.clone();
        let attempt = Attempt {
            party: self,
            request,
            updates,
            stop,
            started_at: self.clock.now(),
            deadline: Instant::now() + self.settings.login_timeout,
        };
        let finished = attempt.run().await;
        address.set(None);
        finished
    }
}

#[cfg(test)]
mod tests;
