//! What a program that follows the session may show.

use cardea_session::{EndReason, SessionView, Snapshot};

/// What a program may show: patient data only while it is [`View::SignedIn`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum View {
    /// Not known yet, or not any more: locked until the agent has been asked.
    Checking,
    /// Somebody is signed in; the snapshot has its `session`.
    SignedIn(Box<Snapshot>),
    /// Nobody is signed in, or nobody can know: locked.
    SignedOut {
        /// Why.
        reason: SignedOutReason,
    },
}

impl View {
    /// The session, while somebody is signed in.
    #[must_use]
    pub fn session(&self) -> Option<&SessionView> {
        match self {
            Self::SignedIn(snapshot) => snapshot.session.as_ref(),
            Self::Checking | Self::SignedOut { .. } => None,
        }
    }
}

/// Why a program shows nobody as signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SignedOutReason {
    /// The agent says that nobody is.
    NotSignedIn,
    /// The agent says that the session ended, and why.
    Ended(EndReason),
    /// Another session has taken its place.
    OtherSession,
    /// Another run of the agent answers; the session was the old one's.
    AgentRestarted,
    /// The agent could not be reached for 3 s.
    AgentLost,
    /// The agent said nothing for 30 s.
    AgentSilent,
    /// The agent does not let this program see the session (any more).
    Refused,
}

impl SignedOutReason {
    /// Its name: that of the agent's reason where the agent gave one.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotSignedIn => "not_signed_in",
            Self::Ended(reason) => reason.as_str(),
            Self::OtherSession => "other_session",
            Self::AgentRestarted => "agent_restarted",
            Self::AgentLost => "agent_lost",
            Self::AgentSilent => "agent_silent",
            Self::Refused => "refused",
        }
    }
}
