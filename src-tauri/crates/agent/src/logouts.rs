//! Logout tokens that programs hand in: each is checked in a task of its own, as its keys may have
//! to be fetched, and ends a session only when it is good.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use cardea_local_api::{LogoutAnswer, LogoutToken};
use cardea_login::{Logout, LogoutTokens, RelyingParty, Secret};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::logins::Ended;

/// Tokens that are checked at once. Whoever hands in more is told to try again.
const MOST_CHECKS: usize = 16;

/// How long it is remembered that the provider ended a session that is not here: longer than a login
/// may still need from its tokens to the end of its checks.
const REMEMBERED: Duration = Duration::from_secs(5 * 60);
/// As many are remembered; beyond these the oldest go.
const MOST_REMEMBERED: usize = 64;

/// Where the answer to a token goes.
pub(crate) type Answer = oneshot::Sender<LogoutAnswer>;

/// Owns the checks under way.
#[derive(Default)]
pub(crate) struct Logouts {
    tokens: Arc<LogoutTokens>,
    checks: JoinSet<Checked>,
    unmatched: VecDeque<(Instant, Logout)>,
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

    /// Remembers a session of the provider that is over and is not the one here: a login under way
    /// may have its tokens already.
    pub(crate) fn remember(&mut self, logout: Logout) {
        if !logout.is_of_one_session() {
            return;
        }
        self.unmatched.retain(|(at, _)| at.elapsed() < REMEMBERED);
        if self.unmatched.len() >= MOST_REMEMBERED {
            self.unmatched.pop_front();
        }
        self.unmatched.push_back((Instant::now(), logout));
    }

    /// Whether the provider has ended the session of what an attempt just got.
    pub(crate) fn have_ended(&self, ended: &Ended) -> bool {
        let mut logouts = self.unmatched.iter();
        logouts.any(|(at, logout)| at.elapsed() < REMEMBERED && ended.is_ended_by(logout))
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
