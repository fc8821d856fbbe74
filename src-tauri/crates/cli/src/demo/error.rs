//! Why the demo ended badly.

use std::io;
use std::time::Duration;

use cardea_client::session::FailureCode;
use cardea_client::{ClientError, InvalidToken};
use cardea_simulator::browser::BrowseError;
use cardea_simulator::provider::StartError;
use cardea_simulator::readers::NoSuch;
use cardea_simulator::sample::SampleError;

/// What starting the agent can fail with.
pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why the demo ended badly: one line that says what was expected and what came.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DemoError {
    /// There is no place for the agent's files.
    #[error("the demo needs a temporary folder: {0}")]
    Folder(#[source] io::Error),
    /// The simulated CIS2 did not start.
    #[error("the simulated CIS2 did not start: {0}")]
    Provider(#[from] StartError),
    /// The sample program did not start.
    #[error(transparent)]
    Sample(#[from] SampleError),
    /// The agent did not start.
    #[error("the agent did not start: {0}")]
    Agent(#[source] BoxError),
    /// The program of the demo could not ask the agent.
    #[error("{what}: {source}")]
    Api {
        /// What was not done.
        what: &'static str,
        /// Why.
        #[source]
        source: ClientError,
    },
    /// The program's token cannot be sent.
    #[error(transparent)]
    Token(#[from] InvalidToken),
    /// The simulated reader was not as it should be.
    #[error(transparent)]
    Readers(#[from] NoSuch),
    /// The script could not sign in.
    #[error("expected to sign in at the simulated CIS2: {0}")]
    SignIn(#[from] BrowseError),
    /// The agent refused the login.
    #[error("expected a session, but the agent refused the login [{0}]")]
    LoginRefused(FailureCode),
    /// It did not come.
    #[error("expected {what} within {limit:?}, but it did not come")]
    NotSeen {
        /// What.
        what: &'static str,
        /// The limit.
        limit: Duration,
    },
    /// Something else came.
    #[error("expected {wanted}, but it is {found}")]
    Differs {
        /// What was wanted.
        wanted: &'static str,
        /// What came; nothing personal.
        found: String,
    },
    /// The keyboard cannot be read.
    #[error("cannot read the keyboard: {0}")]
    Keys(#[source] io::Error),
    /// What was to be printed could not be.
    #[error("cannot print: {0}")]
    Output(#[from] io::Error),
}

impl DemoError {
    /// For `map_err`: `what` was not done.
    pub(super) fn api(what: &'static str) -> impl FnOnce(ClientError) -> Self {
        move |source| Self::Api { what, source }
    }
}
