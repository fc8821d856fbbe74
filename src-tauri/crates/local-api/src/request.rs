//! What the API asks the agent's controller.

use std::fmt;

use cardea_session::{
    Command, DoctorEvent, Failure, ReaderView, Refusal, Reply, SessionId, State, Time,
};
use serde::Serialize;
use tokio::sync::{mpsc, oneshot};
use utoipa::ToSchema;
use zeroize::Zeroizing;

use crate::Removal;

/// A question to the controller. A dropped `reply` and one that takes more than five seconds are
/// the same to the caller: 503.
#[derive(Debug)]
pub enum Request {
    /// Carry this out.
    Command {
        /// What.
        command: Command,
        /// On whose behalf, for the audit.
        caller: Caller,
        /// Where the answer goes.
        reply: oneshot::Sender<Result<Reply, Refusal>>,
    },
    /// The tokens of the session, for a program that may have them.
    Tokens {
        /// On whose behalf, for the audit.
        caller: Caller,
        /// Where the answer goes.
        reply: oneshot::Sender<Result<ReleasedTokens, Refusal>>,
    },
    /// A program was let in or shown out, or asks to be: for the audit.
    Noted(Noted),
    /// What happened lately, as the audit has it. Asked only by Cardea's own programs.
    Activity {
        /// Where the answer goes.
        reply: oneshot::Sender<Vec<ActivityEntry>>,
    },
    /// What the help desk wants to know.
    Diagnostics {
        /// Where the answer goes.
        reply: oneshot::Sender<Diagnostics>,
    },
    /// Check everything that can be wrong. Asked only by Cardea's own programs.
    Doctor {
        /// Also what the provider says about itself.
        cis2: bool,
        /// Calls that were refused because the operating system did not say whose they were.
        unknown_callers: u64,
        /// The ids of the programs that are known.
        apps: Vec<String>,
        /// Where it is told what was found, check by check; none while others are told. It ends by
        /// being dropped.
        reply: oneshot::Sender<Option<mpsc::Receiver<DoctorEvent>>>,
    },
    /// Open the window.
    OpenWindow {
        /// Where the answer goes.
        reply: oneshot::Sender<Result<(), WindowError>>,
    },
    /// The address of the login under way, to be copied into a browser that did not open. Asked
    /// only by Cardea's own programs.
    LoginAddress {
        /// Where the answer goes; none when no login has one.
        reply: oneshot::Sender<Option<String>>,
    },
    /// End, in order. Asked only by Cardea's own programs.
    Stop {
        /// Where it is told that the end begins.
        reply: oneshot::Sender<()>,
    },
    /// The provider says by this token that a session of its own is over.
    LogoutToken {
        /// What was handed in, unread.
        token: LogoutToken,
        /// Where the answer goes, once the session is over if it is the one.
        reply: oneshot::Sender<LogoutAnswer>,
    },
}

/// One line of the audit: ids and codes only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ActivityEntry {
    /// When.
    pub at: Time,
    /// What, for instance `session_ended`.
    pub action: String,
    /// The program concerned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,
    /// The session concerned.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub session_id: Option<SessionId>,
    /// Why: an end reason or the code of a failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What the help desk wants to know.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Diagnostics {
    /// As in the snapshot.
    pub state: State,
    /// Every reader, also those that are ignored or cannot be used.
    pub readers: Vec<ReaderView>,
    /// What is wrong, PC/SC too; absent when nothing is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// How long the agent has been running, in seconds.
    pub uptime_s: u64,
    /// The last removals, the oldest first.
    pub removals: Vec<Removal>,
    /// The effective settings; token hashes are not shown.
    pub settings: Vec<SettingView>,
}

/// One setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SettingView {
    /// `table.key`, or `table.key.id` for an entry.
    pub key: String,
    /// The value as TOML.
    pub value: String,
    /// Where it comes from.
    pub origin: String,
}

/// The window did not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowError {
    /// It is not installed.
    NotInstalled,
    /// The operating system did not start it.
    NotStarted,
}

/// What is noted of programs; each with the program's id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Noted {
    /// It asked to be let in.
    Pairing(String),
    /// It was let in.
    Grant(String),
    /// It was shut out.
    Revocation(String),
}

/// What a program may have of the session's tokens. Wiped when dropped.
pub struct ReleasedTokens {
    /// Whose they are.
    pub session_id: SessionId,
    /// The ID token as the provider signed it.
    pub id_token: Zeroizing<String>,
    /// Its `exp`, in seconds since 1970-01-01T00:00:00Z.
    pub exp: i64,
    /// The provider's name for its own session, if it gave one.
    pub sid: Option<String>,
    /// Whom it was issued to: its `aud`.
    pub client_id: String,
    /// Who issued it, byte for byte.
    pub issuer: String,
    /// The access token, where `[api] release_access_token` is set.
    pub access_token: Option<Zeroizing<String>>,
}

impl fmt::Debug for ReleasedTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReleasedTokens([redacted])")
    }
}

/// A logout token as it came: it says who somebody is.
pub struct LogoutToken(String);

impl From<String> for LogoutToken {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl LogoutToken {
    /// The token itself.
    #[must_use]
    pub fn into_text(self) -> String {
        self.0
    }
}

impl fmt::Debug for LogoutToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LogoutToken([redacted])")
    }
}

/// What became of a logout token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogoutAnswer {
    /// It was good; the session it names is over, if it was here.
    Good,
    /// It was not.
    Refused,
}

/// Who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// The program of this id.
    App(String),
    /// One of Cardea's own programs, by the local socket.
    OwnProgram,
}
