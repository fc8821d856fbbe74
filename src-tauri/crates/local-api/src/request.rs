//! What the API asks the agent's controller.

use std::fmt;

use cardea_session::{Command, Refusal, Reply};
use tokio::sync::oneshot;

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
    /// The address of the login under way, to be copied into a browser that did not open. Asked
    /// only by Cardea's own programs.
    LoginAddress {
        /// Where the answer goes; none when no login has one.
        reply: oneshot::Sender<Option<String>>,
    },
    /// The provider says by this token that a session of its own is over.
    LogoutToken {
        /// What was handed in, unread.
        token: LogoutToken,
        /// Where the answer goes, once the session is over if it is the one.
        reply: oneshot::Sender<LogoutAnswer>,
    },
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
