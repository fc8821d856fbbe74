//! What the machine wants done.

use crate::{AttemptId, Change, EndReason, FailureCode, LoginMode, SessionId, Time};

/// What one input led to. The change goes to programs first, then the effects are carried out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Outcome {
    /// What programs are told.
    pub change: Option<Change>,
    /// What is to be done, in order.
    pub effects: Vec<Effect>,
}

/// Something to be done outside the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Start a login attempt.
    StartLogin {
        /// Names it in every report.
        attempt: AttemptId,
        /// How.
        mode: LoginMode,
        /// The session under way, for re-authentication and role change.
        prior: Option<PriorSession>,
    },
    /// Stop an attempt; tokens that it has or still gets are cleaned up at the provider.
    StopLogin {
        /// Which.
        attempt: AttemptId,
        /// Why, for the page that the browser may still show.
        reason: FailureCode,
    },
    /// The tokens of this attempt belong to this session from now on, in place of any it had.
    AdoptTokens {
        /// Whose tokens.
        attempt: AttemptId,
        /// The session.
        session: SessionId,
    },
    /// The tokens of this attempt are unwanted: wipe them and clean up at the provider.
    DiscardTokens {
        /// Whose tokens.
        attempt: AttemptId,
        /// Why, for the page that the browser waits for.
        reason: FailureCode,
    },
    /// The session is over: wipe its tokens, then clean up at the provider and run the hooks.
    EndSession {
        /// Which.
        session: SessionId,
        /// Why.
        reason: EndReason,
    },
    /// Lock the workstation.
    LockWorkstation,
}

/// What a login during a session needs to know of it.
#[derive(Clone, PartialEq, Eq)]
pub struct PriorSession {
    /// The user's `sub`.
    pub subject: String,
    /// When that user authenticated.
    pub auth_time: Time,
}

impl std::fmt::Debug for PriorSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PriorSession([redacted])")
    }
}
