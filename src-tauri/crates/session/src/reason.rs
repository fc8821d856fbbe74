//! Why a session ended.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a session ended. The names are public (contract, section 3.2).
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// A card it was bound to left its reader, or stopped answering.
    CardRemoved,
    /// A card it was bound to left and one is in the same reader again.
    CardSwapped,
    /// The reader with a card it was bound to went away.
    ReaderRemoved,
    /// The card service went away, so nobody knows whether the card is there.
    CardServiceLost,
    /// The user signed out.
    UserLogout,
    /// A program signed the user out.
    AppLogout,
    /// Nobody was active for `idle_timeout`.
    IdleTimeout,
    /// It lasted for `max_lifetime`.
    LifetimeExceeded,
    /// The workstation was locked.
    WorkstationLocked,
    /// The computer went to sleep.
    Suspended,
    /// The console or remote session was disconnected, or another user switched to.
    SessionDisconnected,
    /// The user logged off from the operating system.
    OsLogoff,
    /// Somebody else signed in.
    Replaced,
    /// CIS2 ended it.
    RemoteLogout,
    /// Settings changed so that it may not go on.
    PolicyChanged,
    /// The agent is stopping.
    AgentStopping,
    /// A reason that a newer agent gives and this program does not know: ended all the same.
    #[serde(other)]
    Unknown,
}

impl EndReason {
    /// The public name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CardRemoved => "card_removed",
            Self::CardSwapped => "card_swapped",
            Self::ReaderRemoved => "reader_removed",
            Self::CardServiceLost => "card_service_lost",
            Self::UserLogout => "user_logout",
            Self::AppLogout => "app_logout",
            Self::IdleTimeout => "idle_timeout",
            Self::LifetimeExceeded => "lifetime_exceeded",
            Self::WorkstationLocked => "workstation_locked",
            Self::Suspended => "suspended",
            Self::SessionDisconnected => "session_disconnected",
            Self::OsLogoff => "os_logoff",
            Self::Replaced => "replaced",
            Self::RemoteLogout => "remote_logout",
            Self::PolicyChanged => "policy_changed",
            Self::AgentStopping => "agent_stopping",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for EndReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
