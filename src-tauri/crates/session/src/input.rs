//! What the machine is told and asked.

use std::time::Duration;

use crate::{
    AttemptId, EndReason, Failure, FailureCode, Identity, ReaderEvent, Rules, SessionId, WaitingFor,
};

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Input {
    /// The card source reports.
    Readers(ReaderEvent),
    /// A login attempt reports.
    Login(LoginReport),
    /// The operating system reports.
    Environment(Environment),
    /// The settings changed.
    Rules(Box<Rules>),
    /// The settings cannot be used: the session ends and nobody can sign in until
    /// [`Input::Rules`].
    RulesInvalid(Failure),
    /// A part of the agent failed for good (`api_port_busy`, `socket_busy`), or is well again.
    Standing(Option<Failure>),
    /// CIS2 ended this session.
    RemoteLogout(SessionId),
    /// Time passed; see [`crate::Machine::next_deadline`].
    Timer {
        /// How long the operating system saw no input, where it can say. Input counts as activity.
        os_idle: Option<Duration>,
    },
    /// The agent is stopping.
    Stop,
}

/// What a login attempt reports. Reports of any but the running attempt are stale.
#[derive(Clone, Debug)]
pub struct LoginReport {
    /// Which attempt.
    pub attempt: AttemptId,
    /// What.
    pub update: LoginUpdate,
}

/// How a login attempt goes on.
#[derive(Clone, Debug)]
pub enum LoginUpdate {
    /// It waits for something else now.
    Waiting(WaitingFor),
    /// The browser did not open; the attempt goes on, the user can copy the address.
    BrowserFailed,
    /// It passed every check.
    Succeeded(Box<Identity>),
    /// It is over.
    Failed(Failure),
}

/// What the operating system reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    /// The computer goes to sleep.
    Suspending,
    /// The workstation was locked.
    Locked,
    /// The workstation was unlocked.
    Unlocked,
    /// This desktop session is no longer the active one: console or RDP disconnect, user switch.
    Disconnected,
    /// This desktop session is the active one again.
    Connected,
    /// The user logs off from the operating system.
    LoggingOff,
}

/// What a person or program asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Sign in.
    Login {
        /// How.
        mode: LoginMode,
        /// Who asks.
        by: Requester,
    },
    /// Give up the login under way.
    CancelLogin,
    /// Sign out; while a login is under way and nobody is signed in, the same as cancel.
    Logout {
        /// Only this session; none for whichever there is.
        session: Option<SessionId>,
        /// Who asks.
        by: Requester,
    },
    /// The user is busy in a program.
    Activity {
        /// How long the operating system saw no input, where it can say.
        os_idle: Option<Duration>,
    },
    /// Give out the tokens of the session.
    Tokens,
}

/// How to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginMode {
    /// Nobody is signed in.
    SignIn,
    /// The user proves again who they are.
    Reauthenticate,
    /// The user chooses another role.
    ChangeRole,
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Requester {
    /// The user, by one of Cardea's own programs.
    User,
    /// A clinical program.
    App,
    /// An inserted card (`on_insert = "login"`).
    Insertion,
}

impl Requester {
    pub(crate) fn logout_reason(self) -> EndReason {
        match self {
            Self::User | Self::Insertion => EndReason::UserLogout,
            Self::App => EndReason::AppLogout,
        }
    }
}

/// The answer to a command that was carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// The attempt that is now under way.
    Attempt(AttemptId),
    /// The session whose tokens may be given out.
    TokensOf(SessionId),
    /// Done, or there was nothing to do.
    Done,
}

/// Why a command was not carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Somebody is signed in already.
    #[error("somebody is signed in already")]
    AlreadySignedIn,
    /// Nobody is signed in.
    #[error("nobody is signed in")]
    NoSession,
    /// Another session than the one named is running.
    #[error("another session is running")]
    SessionMismatch,
    /// The session's ID token has expired.
    #[error("the session's ID token has expired")]
    TokenExpired,
    /// Too soon after the last attempt.
    #[error("too soon after the last attempt")]
    RateLimited {
        /// When to ask again.
        retry_after: Duration,
    },
    /// Another desktop session of this computer is the active one.
    #[error("this desktop session is not the active one")]
    DesktopNotActive,
    /// Nobody can sign in as things are.
    #[error("nobody can sign in: {0}")]
    CannotSignIn(FailureCode),
}
