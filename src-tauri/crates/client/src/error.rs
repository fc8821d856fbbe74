//! Why the agent could not be asked, or did not do what was asked.

use std::io;
use std::time::Duration;

use crate::Problem;

/// Where a document is not what it should be; what stands there is not repeated, it may be personal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed at line {line}, column {column}")]
pub struct Malformed {
    line: usize,
    column: usize,
}

impl From<serde_json::Error> for Malformed {
    fn from(error: serde_json::Error) -> Self {
        Self {
            line: error.line(),
            column: error.column(),
        }
    }
}

/// Why the agent could not be asked, or did not do what was asked. No variant holds a token or
/// anything about a person.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// Nobody listens where the agent of this user would.
    #[error("the agent is not running")]
    NotRunning(#[source] io::Error),
    /// The operating system does not let this program connect to the agent.
    #[error("the agent cannot be reached: {0}")]
    Unreachable(#[source] io::Error),
    /// The desktop session has no folder in which the agent could be found.
    #[error("the agent cannot be found: XDG_RUNTIME_DIR is not set")]
    NoRuntimeFolder,
    /// The endpoint file is not one.
    #[error("the agent's endpoint file cannot be read")]
    Endpoint(#[source] Malformed),
    /// This is not the address of an agent on this computer.
    #[error("{0:?} is not an address like http://127.0.0.1:28080")]
    Address(String),
    /// The local socket is another user's; nothing was written to it.
    #[error("the agent's local socket belongs to another user")]
    OtherUser,
    /// The program on the port is not this user's agent, or does not know this program's token;
    /// the token was not sent.
    #[error("the program on the agent's port did not prove that it is the agent")]
    NotProven,
    /// The agent answered 403 without detail.
    #[error("the agent refused this program without detail")]
    Refused,
    /// The agent said why it did not do it.
    #[error(transparent)]
    Problem(#[from] Problem),
    /// The agent took too long.
    #[error("the agent did not answer within {0:?}")]
    TimedOut(Duration),
    /// The agent's answer is not what the API says.
    #[error("the agent's answer was not understood (status {status})")]
    Answer {
        /// The HTTP status.
        status: u16,
        /// What was wrong with the body, where that was it.
        #[source]
        source: Option<Malformed>,
    },
    /// The connection broke.
    #[error("the connection to the agent broke")]
    Connection(#[source] hyper::Error),
    /// The agent closed the stream.
    #[error("the agent closed the stream")]
    Closed,
    /// Not a byte came on the stream for half a minute.
    #[error("the agent fell silent")]
    Silent,
    /// The operating system gave no randomness.
    #[error("the operating system gave no randomness")]
    NoRandomness,
}

impl ClientError {
    /// What to do about it, for the help desk.
    #[must_use]
    pub fn remedy(&self) -> &str {
        match self {
            Self::NotRunning(_) => "Start it with \"cardea run\".",
            Self::NoRuntimeFolder => "Run this inside the desktop session of the user.",
            Self::Unreachable(_) => "Check who owns the agent's files and socket.",
            Self::OtherUser => "Find out who made it: no other user's program should be there.",
            Self::NotProven => {
                "Check the program's id and token, and which program listens on the port."
            }
            Self::Refused => "Check that the agent on this port is this user's.",
            Self::Address(_) => "Take the address from the agent's endpoint file.",
            Self::Problem(problem) => problem.remedy.as_deref().unwrap_or("See the agent's log."),
            Self::Endpoint(_) | Self::Answer { .. } => {
                "Check that this program and the agent are of the same version."
            }
            Self::TimedOut(_) | Self::Connection(_) | Self::Closed | Self::Silent => {
                "Try again; if it stays, restart the agent."
            }
            Self::NoRandomness => "Restart the computer.",
        }
    }

    /// Why a connection, or what leads to one, could not be opened.
    pub(crate) fn unopened(error: io::Error) -> Self {
        if matches!(
            error.kind(),
            io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused
        ) {
            return Self::NotRunning(error);
        }
        Self::Unreachable(error)
    }

    /// The answer has a status or size that the API does not know.
    pub(crate) fn answer(status: http::StatusCode) -> Self {
        Self::Answer {
            status: status.as_u16(),
            source: None,
        }
    }

    /// The answer's body is malformed.
    pub(crate) fn body(status: http::StatusCode, error: serde_json::Error) -> Self {
        Self::Answer {
            status: status.as_u16(),
            source: Some(error.into()),
        }
    }
}
