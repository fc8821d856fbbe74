//! How a command fails: one line that says what, why and what to do, and an exit code.

use std::io;
use std::process::ExitCode;
use std::time::Duration;

use cardea_agent::bundle::BundleError;
use cardea_agent::credential::KeystoreError;
use cardea_agent::paths::PathError;
use cardea_agent::reset::{NotRemoved, ResetError};
use cardea_agent::settings::NotSet;
use cardea_client::ClientError;
use cardea_client::session::Failure;

/// Exit code of `status --all-sessions` when somebody is signed in.
#[cfg(windows)]
pub(crate) const SOMEBODY_SIGNED_IN: u8 = 4;

/// Why a command did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandError {
    /// The agent could not be asked, or did not do it.
    #[error("{what}: {source}. {}", .source.remedy())]
    Agent {
        /// What was not done, for instance `cannot sign in`.
        what: &'static str,
        #[source]
        source: ClientError,
    },
    /// The agent did what it was asked, and it came to nothing.
    #[error(
        "{what}: {} [{}]. {}",
        .failure.message.trim_end_matches('.'), .failure.code, .failure.remedy
    )]
    Failed {
        what: &'static str,
        failure: Failure,
    },
    /// The agent went away before it was done.
    #[error("{what}: the agent went away. Start it with \"cardea run\".")]
    AgentLost { what: &'static str },
    /// The time given with `--timeout` is over.
    #[error("{what} after {limit:?}")]
    TimedOut { what: &'static str, limit: Duration },
    /// The agent could not start, or lost a part of itself.
    #[error("the agent does not run: {0:#}")]
    Run(anyhow::Error),
    /// The user's folders are not known.
    #[error(transparent)]
    Paths(#[from] PathError),
    /// Settings are wrong.
    #[error(
        "{count} settings cannot be used, so nobody can sign in. \
         \"cardea config check\" names each and what is allowed."
    )]
    Settings {
        /// How many.
        count: usize,
    },
    /// A setting of the user's own was not set.
    #[error("not set: {0}. {remedy}", remedy = .0.remedy())]
    NotSet(#[from] NotSet),
    /// The doctor found what has to be mended.
    #[error("{count} checks failed. Each says above what to do.")]
    ChecksFailed {
        /// How many.
        count: u32,
    },
    /// The support bundle was not written.
    #[error("no support bundle: {0}")]
    Bundle(#[from] BundleError),
    /// The settings are right, and do not say who we are at CIS2.
    #[error(
        "[cis2] client_id is not set, so nobody can sign in. Set it in the policy or in the \
         settings file."
    )]
    NoClientId,
    /// The keystore did not do what it was asked.
    #[error("{0}. {remedy}", remedy = .0.remedy())]
    Keystore(#[from] KeystoreError),
    /// Secrets are the user's own.
    #[error("a client secret can only be kept for one user. Use --user.")]
    NoMachineSecret,
    /// There is no secret to be removed.
    #[error("there is no client secret in the keystore. Nothing is to be done.")]
    NoSecret,
    /// There is no key to be removed.
    #[error("there is no such key. \"cardea keys list\" shows those there are.")]
    NoSuchKey,
    /// What came from standard input is no client secret.
    #[error(
        "that is not a client secret. Give it as one line of at most 1024 characters, at the \
         prompt or on standard input."
    )]
    NotASecret,
    /// No program asks to be let in.
    #[error(
        "{what}: no program asks to be let in, or not this one. Have it ask again; the code is good \
         for two minutes."
    )]
    NobodyAsks { what: &'static str },
    /// Several programs ask to be let in.
    #[error(
        "{what}: several programs ask to be let in. \"cardea apps list\" shows them; name one."
    )]
    SeveralAsk { what: &'static str },
    /// Nothing was reset.
    #[error("cannot reset: {0}. {remedy}", remedy = .0.remedy())]
    Reset(#[from] ResetError),
    /// Not everything was removed.
    #[error(
        "cannot remove {first}{}. Close what uses it, unlock the keystore, and try again.",
        and_more(.others)
    )]
    NotReset {
        /// What, and why.
        #[source]
        first: NotRemoved,
        /// How many more.
        others: usize,
    },
    /// What runs in other sessions is not known, or not to be changed.
    #[cfg(windows)]
    #[error("{what}: {source}. Run this as SYSTEM, as the installer does.")]
    Sessions {
        /// What was not done.
        what: &'static str,
        #[source]
        source: io::Error,
    },
    /// Somebody is signed in: the code for IT is not that of a failure.
    #[cfg(windows)]
    #[error("somebody is signed in in {count} sessions. Try again when nobody is.")]
    SomebodySignedIn {
        /// In how many sessions.
        count: usize,
    },
    /// Whether somebody is signed in is not known.
    #[cfg(windows)]
    #[error("{count} sessions did not tell whether somebody is signed in. Run this as SYSTEM.")]
    SessionsUnknown {
        /// How many did not.
        count: usize,
    },
    /// Programs did not end.
    #[cfg(windows)]
    #[error(
        "{count} programs of Cardea still run, or do not let themselves be ended. Run this as SYSTEM."
    )]
    StillRunning {
        /// How many.
        count: usize,
    },
    /// The user did not type what was asked for.
    #[error("given up. Nothing was stored.")]
    GivenUp,
    /// The demo did not come to its end.
    #[cfg(feature = "simulator")]
    #[error(transparent)]
    Demo(#[from] crate::demo::DemoError),
    /// The sample program does not run.
    #[cfg(feature = "simulator")]
    #[error(transparent)]
    Sample(#[from] crate::sample::SampleProgramError),
    /// What was to be printed could not be.
    #[error("cannot print: {0}")]
    Output(#[from] io::Error),
    /// The program could not even begin.
    #[error("cannot start: {0}. Restart the computer.")]
    Runtime(#[source] io::Error),
}

impl CommandError {
    /// For `map_err`: `what` was not done.
    pub(crate) fn agent(what: &'static str) -> impl FnOnce(ClientError) -> Self {
        move |source| Self::Agent { what, source }
    }

    /// The exit code (contract, section 1).
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::TimedOut { .. } => ExitCode::from(3),
            #[cfg(windows)]
            Self::SomebodySignedIn { .. } => ExitCode::from(SOMEBODY_SIGNED_IN),
            #[cfg(windows)]
            Self::Sessions { .. } | Self::SessionsUnknown { .. } | Self::StillRunning { .. } => {
                ExitCode::FAILURE
            }
            Self::Agent { .. }
            | Self::Failed { .. }
            | Self::AgentLost { .. }
            | Self::Run(_)
            | Self::Paths(_)
            | Self::Settings { .. }
            | Self::NotSet(_)
            | Self::ChecksFailed { .. }
            | Self::Bundle(_)
            | Self::NoClientId
            | Self::Keystore(_)
            | Self::NoMachineSecret
            | Self::NoSecret
            | Self::NoSuchKey
            | Self::Reset(_)
            | Self::NotReset { .. }
            | Self::NotASecret
            | Self::GivenUp
            | Self::NobodyAsks { .. }
            | Self::SeveralAsk { .. }
            | Self::Output(_)
            | Self::Runtime(_) => ExitCode::FAILURE,
            #[cfg(feature = "simulator")]
            Self::Demo(_) | Self::Sample(_) => ExitCode::FAILURE,
        }
    }
}

fn and_more(others: &usize) -> String {
    match others {
        0 => String::new(),
        others => format!(", and {others} more"),
    }
}

#[cfg(test)]
mod tests {
    use cardea_agent::reset::Kept;
    use cardea_client::session::FailureCode;
    use cardea_client::{Problem, ProblemCode};

    use super::*;

    #[test]
    fn a_failure_is_one_line_with_what_why_and_what_to_do() {
        let refused = CommandError::agent("cannot show the session")(ClientError::NotRunning(
            io::ErrorKind::NotFound.into(),
        ));
        assert_eq!(
            refused.to_string(),
            "cannot show the session: the agent is not running. Start it with \"cardea run\"."
        );
        let problem = Problem {
            status: 409,
            code: ProblemCode::AlreadySignedIn,
            detail: "Somebody is signed in already.".to_owned(),
            remedy: Some("Sign out first.".to_owned()),
            retry_after: None,
        };
        assert_eq!(
            CommandError::agent("cannot sign in")(problem.into()).to_string(),
            "cannot sign in: Somebody is signed in already [already_signed_in]. Sign out first."
        );
        let failed = CommandError::Failed {
            what: "cannot sign in",
            failure: Failure::new(FailureCode::LoginCancelled),
        };
        assert_eq!(
            failed.to_string(),
            "cannot sign in: Signing in was cancelled [login_cancelled]. Sign in again when you \
             are ready."
        );
    }

    #[test]
    fn a_reset_that_is_refused_or_incomplete_says_what_to_do() {
        let refused = CommandError::from(ResetError::AgentRuns);
        assert_eq!(
            refused.to_string(),
            "cannot reset: an agent of this user is running. Stop it (Ctrl-C where \"cardea run\" \
             was started, or quit Cardea in the tray) and try again."
        );
        let not_removed = |others| CommandError::NotReset {
            first: NotRemoved {
                what: Kept::ClientSecret,
                why: KeystoreError::TimedOut.into(),
            },
            others,
        };
        assert_eq!(
            not_removed(2).to_string(),
            "cannot remove the client secret: the keystore did not answer in time, and 2 more. \
             Close what uses it, unlock the keystore, and try again."
        );
        assert!(not_removed(0).to_string().contains("in time. Close"));
        assert_eq!(not_removed(0).exit_code(), ExitCode::FAILURE);
    }

    #[test]
    fn only_a_time_out_of_wait_has_its_own_code() {
        let timed_out = CommandError::TimedOut {
            what: "still signed in",
            limit: Duration::from_secs(30),
        };
        assert_eq!(timed_out.to_string(), "still signed in after 30s");
        assert_eq!(timed_out.exit_code(), ExitCode::from(3));
        let output = CommandError::Output(io::ErrorKind::WriteZero.into());
        assert_eq!(output.exit_code(), ExitCode::from(1));
    }
}
