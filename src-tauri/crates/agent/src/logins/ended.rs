//! An attempt that is over.

use std::sync::Arc;

use cardea_login::{Finished, Logout, RelyingParty};
use cardea_session::{AttemptId, FailureCode};

/// An attempt that is over, with any tokens it got.
pub(crate) struct Ended {
    pub(super) attempt: AttemptId,
    pub(super) party: Arc<RelyingParty>,
    pub(super) finished: Finished,
}

impl Ended {
    /// Whether it brought tokens of a session that the provider ended.
    pub(crate) fn is_ended_by(&self, logout: &Logout) -> bool {
        match &self.finished {
            Finished::Granted { tokens, .. } => {
                logout.is_from(self.party.settings()) && tokens.are_ended_by(logout)
            }
            Finished::Failed { .. } => false,
        }
    }

    /// The same, come to nothing.
    pub(crate) fn refused(self, code: FailureCode) -> Self {
        let finished = match self.finished {
            Finished::Granted { tokens, answer, .. } => {
                answer.refused(code);
                Finished::Failed {
                    failure: code.into(),
                    tokens: Some(tokens),
                }
            }
            failed @ Finished::Failed { .. } => failed,
        };
        Self { finished, ..self }
    }
}
