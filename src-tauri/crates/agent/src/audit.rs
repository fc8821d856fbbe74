//! The audit (contract, section 4.8): who was let in, what a session or token was used for, and
//! why it ended. One JSON line per action; ids and codes only, so that nothing personal can get
//! into it.
//!
//! A thread of its own writes, so that a slow disk delays nobody.

mod history;

use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use cardea_local_api::{ActivityEntry, is_app_id};
use cardea_session::{EndReason, FailureCode, SessionId, Time};
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use crate::paths::{self, PathError};
use crate::scribe::Scribe;

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
    /// Opens the audit file, readable by this user only, and drops lines older than `keep_days`;
    /// it does so again on each new day.
    ///
    /// # Errors
    /// [`AuditError`] when it cannot be written.
    pub fn open(path: PathBuf, keep_days: u16) -> Result<Self, AuditError> {
        if let Some(folder) = path.parent() {
            paths::create_private(folder)?;
        }
        let mut writer = Writer {
            path,
            keep: Duration::from_secs(u64::from(keep_days) * 24 * 60 * 60),
            pruned: 0,
        };
        if let Err(source) = paths::append_private(&writer.path) {
            let path = writer.path;
            return Err(AuditError::File { path, source });
        }
        writer.prune_on_a_new_day(now());
        Scribe::start("audit", move |job| writer.carry_out(job))
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

/// What the thread works with. The file is opened for each line: it may have been replaced, by
/// the pruning of another agent of this user or by a person.
struct Writer {
    path: PathBuf,
    keep: Duration,
    /// The day of the last pruning, in days since 1970.
    pruned: i64,
}

impl Writer {
    fn carry_out(&mut self, job: Job) -> io::Result<()> {
        match job {
            Job::Write(line) => self.write(&line),
            Job::Tell(reply) => {
                let _gone = reply.send(history::last(&self.path)?);
                Ok(())
            }
        }
    }

    fn write(&mut self, line: &Line) -> io::Result<()> {
        self.prune_on_a_new_day(line.time);
        append(&self.path, line)
    }

    fn prune_on_a_new_day(&mut self, now: Time) {
        let day = now.unix().div_euclid(24 * 60 * 60);
        if day == self.pruned {
            return;
        }
        // Lines that stay for a day too long do less harm than an agent that does not start.
        if let Err(error) = prune(&self.path, now.minus(self.keep)) {
            tracing::warn!(%error, "old lines of the audit stay until tomorrow");
        }
        self.pruned = day;
    }
}

fn append(path: &Path, line: &Line) -> io::Result<()> {
    let mut bytes = serde_json::to_vec(line)?;
    bytes.push(b'\n');
    // In one write: lines of several agents do not mix.
    paths::append_private(path)?.write_all(&bytes)
}

/// Drops the lines older than `oldest`, and those that are none.
fn prune(path: &Path, oldest: Time) -> io::Result<()> {
    #[derive(Deserialize)]
    struct Dated {
        time: Time,
    }
    let young =
        |line: &[u8]| serde_json::from_slice::<Dated>(line).is_ok_and(|line| line.time >= oldest);

    let lines = || Ok::<_, io::Error>(BufReader::new(std::fs::File::open(path)?).split(b'\n'));
    let mut has_old = false;
    for line in lines()? {
        has_old |= !young(&line?);
    }
    if !has_old {
        return Ok(());
    }
    let fresh = path.with_extension("jsonl.new");
    if let Err(error) = std::fs::remove_file(&fresh)
        && error.kind() != io::ErrorKind::NotFound
    {
        return Err(error);
    }
    let mut writer = BufWriter::new(paths::create_private_file(&fresh)?);
    for line in lines()? {
        let mut line = line?;
        if young(&line) {
            line.push(b'\n');
            writer.write_all(&line)?;
        }
    }
    writer.into_inner()?.sync_all()?;
    paths::replace(&fresh, path)
}

fn now() -> Time {
    jiff::Timestamp::now().into()
}

#[cfg(test)]
mod tests;
