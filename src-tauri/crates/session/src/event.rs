//! What changed, as programs are told it (contract, section 4.3).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{AttemptId, EndReason, FailureCode, SessionId, Time};

/// Names an event. The names are public.
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum EventName {
    /// Somebody signed in.
    #[serde(rename = "session.started")]
    SessionStarted,
    /// The same user re-authenticated or changed role.
    #[serde(rename = "session.changed")]
    SessionChanged,
    /// The session will end soon unless somebody is active.
    #[serde(rename = "session.expiring")]
    SessionExpiring,
    /// Somebody was active; the session goes on.
    #[serde(rename = "session.expiry_withdrawn")]
    SessionExpiryWithdrawn,
    /// The session is over.
    #[serde(rename = "session.ended")]
    SessionEnded,
    /// A login attempt began.
    #[serde(rename = "login.started")]
    LoginStarted,
    /// A login attempt came to nothing.
    #[serde(rename = "login.failed")]
    LoginFailed,
    /// The ID token expires soon.
    #[serde(rename = "tokens.expiring")]
    TokensExpiring,
    /// A card was inserted.
    #[serde(rename = "card.inserted")]
    CardInserted,
    /// A card was removed.
    #[serde(rename = "card.removed")]
    CardRemoved,
    /// Who waits to be let in is no longer who waited before. For Cardea's own programs only.
    #[serde(rename = "pairings.changed")]
    PairingsChanged,
    /// The agent took changed settings. For Cardea's own programs only.
    #[serde(rename = "settings.changed")]
    SettingsChanged,
    /// Events were lost; the stream goes on with a snapshot.
    #[serde(rename = "gap")]
    Gap,
    /// The agent is there.
    #[serde(rename = "heartbeat")]
    Heartbeat,
    /// Everything, as it is now.
    #[serde(rename = "snapshot")]
    Snapshot,
    /// An event that a newer agent sends and this program does not know.
    #[serde(other, rename = "unknown")]
    Unknown,
}

impl EventName {
    /// The public name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SessionStarted => "session.started",
            Self::SessionChanged => "session.changed",
            Self::SessionExpiring => "session.expiring",
            Self::SessionExpiryWithdrawn => "session.expiry_withdrawn",
            Self::SessionEnded => "session.ended",
            Self::LoginStarted => "login.started",
            Self::LoginFailed => "login.failed",
            Self::TokensExpiring => "tokens.expiring",
            Self::CardInserted => "card.inserted",
            Self::CardRemoved => "card.removed",
            Self::PairingsChanged => "pairings.changed",
            Self::SettingsChanged => "settings.changed",
            Self::Gap => "gap",
            Self::Heartbeat => "heartbeat",
            Self::Snapshot => "snapshot",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for EventName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One event of a change, with the ids and reasons that apply; never a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// See [`EventName::SessionStarted`].
    SessionStarted {
        /// The new session.
        session: SessionId,
    },
    /// See [`EventName::SessionChanged`].
    SessionChanged {
        /// The session.
        session: SessionId,
    },
    /// See [`EventName::SessionExpiring`].
    SessionExpiring {
        /// The session.
        session: SessionId,
        /// When it will end.
        expires_at: Time,
        /// What will end it.
        reason: EndReason,
    },
    /// See [`EventName::SessionExpiryWithdrawn`].
    SessionExpiryWithdrawn {
        /// The session.
        session: SessionId,
    },
    /// See [`EventName::SessionEnded`].
    SessionEnded {
        /// The session that ended.
        session: SessionId,
        /// Why.
        reason: EndReason,
    },
    /// See [`EventName::LoginStarted`].
    LoginStarted {
        /// The attempt.
        attempt: AttemptId,
    },
    /// See [`EventName::LoginFailed`].
    LoginFailed {
        /// The attempt.
        attempt: AttemptId,
        /// Why.
        code: FailureCode,
    },
    /// See [`EventName::TokensExpiring`].
    TokensExpiring {
        /// The session.
        session: SessionId,
        /// When the ID token expires.
        expires_at: Time,
    },
    /// See [`EventName::CardInserted`].
    CardInserted {
        /// The reader's name as it can be shown.
        reader: String,
    },
    /// See [`EventName::CardRemoved`].
    CardRemoved {
        /// The reader's name as it can be shown.
        reader: String,
    },
}

impl Event {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> EventName {
        match self {
            Self::SessionStarted { .. } => EventName::SessionStarted,
            Self::SessionChanged { .. } => EventName::SessionChanged,
            Self::SessionExpiring { .. } => EventName::SessionExpiring,
            Self::SessionExpiryWithdrawn { .. } => EventName::SessionExpiryWithdrawn,
            Self::SessionEnded { .. } => EventName::SessionEnded,
            Self::LoginStarted { .. } => EventName::LoginStarted,
            Self::LoginFailed { .. } => EventName::LoginFailed,
            Self::TokensExpiring { .. } => EventName::TokensExpiring,
            Self::CardInserted { .. } => EventName::CardInserted,
            Self::CardRemoved { .. } => EventName::CardRemoved,
        }
    }
}

/// One step from a revision to the next: its events, `session.ended` first. A change without an
/// event is possible (a reader came, a login waits for something else); the snapshot shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The revision it leads to.
    pub revision: u64,
    /// When.
    pub at: Time,
    /// What happened, in order.
    pub events: Vec<Event>,
}
