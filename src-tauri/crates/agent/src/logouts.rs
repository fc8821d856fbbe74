//! Logout tokens that programs hand in: each is checked in a task of its own, as its keys may have
//! to be fetched, and ends a session only when it is good.

use std::sync::Arc;

use cardea_local_api::{LogoutAnswer, LogoutToken};
use cardea_login::{Logout, LogoutTokens, RelyingParty, Secret};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

/// Tokens that are checked at once. Whoever hands in more is told to try again.
const MOST_CHECKS: usize = 16;

/// Where the answer to a token goes.
pub(crate) type Answer = oneshot::Sender<LogoutAnswer>;

/// Owns the checks under way.
#[derive(Default)]
pub(crate) struct Logouts {
    tokens: Arc<LogoutTokens>,
    checks: JoinSet<Checked>,
}

/// What a check led to.
pub(crate) struct Checked {
    /// What the provider ended, maybe not ours; none when the token was refused.
    pub(crate) logout: Option<Logout>,
    pub(crate) answer: Answer,
}

impl Logouts {
    /// Checks `token` for `parties`. An answer that is dropped asks to try again.
    pub(crate) fn check(
        &mut self,
        parties: Vec<Arc<RelyingParty>>,
        token: LogoutToken,
        answer: Answer,
    ) {
        if self.checks.len() >= MOST_CHECKS {
            tracing::warn!("too many logout tokens at once; one is left out");
            return;
        }
        let tokens = Arc::clone(&self.tokens);
        self.checks.spawn(async move {
            let token = Secret::new(token.into_text());
            let logout = tokens.read(&parties, &token).await;
            let logout = logout.inspect_err(|error| {
                let error = error as &dyn std::error::Error;
                tracing::warn!(error, "a logout token was refused");
            });
            Checked {
                logout: logout.ok(),
                answer,
            }
        });
    }

    /// Waits for the next check to be over; none when a task was lost, which ends the agent. Safe
    /// to drop and call again.
    pub(crate) async fn checked(&mut self) -> Option<Checked> {
        match self.checks.join_next().await {
            Some(checked) => checked.ok(),
            None => std::future::pending().await,
        }
    }
}
