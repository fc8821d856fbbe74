//! The audit (contract, section 4.8): who was let in, what a session or token was used for, and
//! why it ended. One JSON line per action; ids and codes only, so that nothing personal can get
//! into it.
//!
//! A thread of its own writes, so that a slow disk delays nobody.

mod file;
mod history;

use std::io;
use std::path::PathBuf;

use cardea_local_api::{ActivityEntry, is_app_id};
use cardea_session::{EndReason, FailureCode, SessionId, Time};
use serde::Serialize;
use tokio::sync::oneshot;

use crate::paths::{self, PathError};
use crate::retention::Retention;
use crate::scribe::Scribe;
use file::AuditFile;

/// What is audited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// A session began.
    SessionStarted {
        /// Which.
        session: SessionId,
    },
    /// A session is over.
    SessionEnded {
        /// Which.
        session: SessionId,
        /// Why.
        reason: EndReason,
    },
    /// A login came to nothing.
    LoginRefused {
        /// Why.
        reason: FailureCode,
    },
    /// A program asked to be let in.
    Pairing,
    /// A program was let in.
    Grant,
    /// A program was shut out.
    Revocation,
    /// A program took the session's tokens.
    TokenRelease {
        /// Which session's.
        session: SessionId,
    },
    /// The settings cannot be used, or changed so that a session had to end.
    PolicyProblem {
        /// Which of the two.
        reason: FailureCode,
    },
}

/// The audit cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// Its folder cannot be used.
    #[error(transparent)]
    Folder(#[from] PathError),
    /// Its file cannot be read or written.
    #[error("the audit {} cannot be written: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Its thread cannot be started.
    #[error("the audit cannot be written: {0}")]
    Thread(#[source] io::Error),
}

/// Owns the thread that writes; dropping it writes what is still waiting.
#[derive(Debug)]
pub struct Audit(Scribe<Job>);

/// What the thread does, one after the other.
#[derive(Debug)]
enum Job {
    Write(Line),
    /// Tell the last lines.
    Tell(oneshot::Sender<Vec<ActivityEntry>>),
}

/// A line as it is written.
#[derive(Debug, Serialize)]
struct Line {
    time: Time,
    #[serde(skip_serializing_if = "Option::is_none")]
    app: Option<String>,
    action: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<SessionId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

impl Audit {
    /// Opens the audit file, readable by this user only, and drops the lines that `retention` does
    /// not keep; it does so again on each new day, and whenever the file is full.
    ///
    /// # Errors
    /// [`AuditError`] when it cannot be written.
    pub fn open(path: PathBuf, retention: Retention) -> Result<Self, AuditError> {
        if let Some(folder) = path.parent() {
            paths::create_private(folder)?;
        }
        if let Err(source) = paths::append_private(&path) {
            return Err(AuditError::File { path, source });
        }
        let mut file = AuditFile::new(path, retention);
        file.prune_on_a_new_day(now());
        Scribe::start("audit", move |job| match job {
            Job::Write(line) => file.append(&line),
            Job::Tell(reply) => {
                let _gone = reply.send(file.tell()?);
                Ok(())
            }
        })
        .map(Self)
        .map_err(AuditError::Thread)
    }

    /// Writes a line soon; never waits. `app` is the id of the program concerned.
    pub fn record(&self, action: &Action, app: Option<&str>) {
        self.0.write(Job::Write(Line::new(now(), action, app)));
    }

    /// Tells the last lines soon, those of earlier runs too; never waits. Without an answer they
    /// cannot be read.
    pub(crate) fn tell(&self, reply: oneshot::Sender<Vec<ActivityEntry>>) {
        self.0.write(Job::Tell(reply));
    }
}

impl Line {
    fn new(time: Time, action: &Action, app: Option<&str>) -> Self {
        // Whatever a caller takes for an id: only what cannot be a name or text is written.
        let app = app.map(|id| if is_app_id(id) { id } else { "invalid" });
        Self {
            time,
            app: app.map(str::to_owned),
            action: action.name(),
            session: action.session().cloned(),
            reason: action.reason(),
        }
    }
}

impl Action {
    fn name(&self) -> &'static str {
        match self {
            Self::SessionStarted { .. } => "session_started",
            Self::SessionEnded { .. } => "session_ended",
            Self::LoginRefused { .. } => "login_refused",
            Self::Pairing => "pairing",
            Self::Grant => "grant",
            Self::Revocation => "revocation",
            Self::TokenRelease { .. } => "token_release",
            Self::PolicyProblem { .. } => "policy_problem",
        }
    }

    fn session(&self) -> Option<&SessionId> {
        match self {
            Self::SessionStarted { session }
            | Self::SessionEnded { session, .. }
            | Self::TokenRelease { session } => Some(session),
            Self::LoginRefused { .. }
            | Self::Pairing
            | Self::Grant
            | Self::Revocation
            | Self::PolicyProblem { .. } => None,
        }
    }

    fn reason(&self) -> Option<&'static str> {
        match self {
            Self::SessionEnded { reason, .. } => Some(reason.as_str()),
            Self::LoginRefused { reason } | Self::PolicyProblem { reason } => Some(reason.as_str()),
            Self::SessionStarted { .. }
            | Self::Pairing
            | Self::Grant
            | Self::Revocation
            | Self::TokenRelease { .. } => None,
        }
    }
}

fn now() -> Time {
    jiff::Timestamp::now().into()
}

#[cfg(test)]
mod tests;
