//! `cardea reset --user`: takes away what Cardea keeps for this user, and nothing else. What
//! belongs to the computer stays: its settings, its keys, the Event Log.

mod files;
mod keystore;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
use linux as system;
#[cfg(windows)]
use windows as system;

use std::fmt;
use std::io;
use std::path::PathBuf;

use cardea_local_api::{BindError, Vacancy};
use cardea_login::{Keystore, KeystoreError};

use crate::paths::UserPaths;

/// Something that Cardea keeps for a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// The secret of the client credential.
    ClientSecret,
    /// Which key signs.
    KeyInUse,
    /// A key by which CIS2 knows the client.
    Key {
        /// Its `kid`.
        kid: String,
    },
    /// A key by which a broker knows this computer.
    WorkstationKey {
        /// Its `kid`.
        kid: String,
    },
    /// Something else of a workstation's in the keystore.
    OfWorkstation,
    /// The keystore, which did not say what it has.
    Keystore,
    /// A file.
    File(PathBuf),
    /// A folder with nothing left in it.
    Folder(PathBuf),
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ClientSecret => f.write_str("the client secret"),
            Self::KeyInUse => f.write_str("the note of which key signs"),
            Self::Key { kid } => write!(f, "the key {kid}"),
            Self::WorkstationKey { kid } => write!(f, "the workstation key {kid}"),
            Self::OfWorkstation => f.write_str("what the workstation key came with"),
            Self::Keystore => f.write_str("what is in the keystore"),
            Self::File(path) | Self::Folder(path) => write!(f, "{}", path.display()),
        }
    }
}

/// What came of a reset.
#[derive(Debug, Default)]
pub struct Reset {
    /// What is gone.
    pub removed: Vec<Kept>,
    /// What is none of Cardea's and stays, with the folders it is in.
    pub stays: Vec<PathBuf>,
    /// What could not be removed.
    pub failed: Vec<NotRemoved>,
}

/// Something could not be removed.
#[derive(Debug, thiserror::Error)]
#[error("{what}: {why}")]
pub struct NotRemoved {
    /// What.
    pub what: Kept,
    /// Why.
    #[source]
    pub why: Obstacle,
}

/// Why something could not be removed.
#[derive(Debug, thiserror::Error)]
pub enum Obstacle {
    /// The operating system says so.
    #[error(transparent)]
    System(#[from] io::Error),
    /// The keystore says so.
    #[error(transparent)]
    Keystore(#[from] KeystoreError),
}

/// Nothing was removed.
#[derive(Debug, thiserror::Error)]
pub enum ResetError {
    /// An agent of this user runs.
    #[error("an agent of this user is running")]
    AgentRuns,
    /// Something answers where the agent does.
    #[error("{} is taken by an agent in another session, or by another program", .0.display())]
    Taken(PathBuf),
    /// Whether an agent runs cannot be told.
    #[error("whether an agent runs cannot be told: {0}")]
    Place(#[source] BindError),
}

impl ResetError {
    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::AgentRuns => {
                "Stop it (Ctrl-C where \"cardea run\" was started, or quit Cardea in the tray) and \
                 try again."
            }
            Self::Taken(_) => "Log off the other session, or end that program, and try again.",
            Self::Place(_) => "Make that possible and try again.",
        }
    }
}

/// Takes away everything that Cardea keeps for this user. What cannot be removed does not hold up
/// the rest. Links are not followed, and stay. To be called inside of a runtime.
///
/// # Errors
/// [`ResetError`] while an agent of this user runs; none can start meanwhile.
pub async fn reset(paths: &UserPaths, keystore: &dyn Keystore) -> Result<Reset, ResetError> {
    let before = files::Found::look(paths);
    // Holding the place makes files of its own.
    let _vacancies = keep_agents_out(paths)?;
    let mut reset = Reset::default();
    keystore::remove(keystore, &mut reset).await;
    files::Found::look(paths).remove(&before, &mut reset);
    Ok(reset)
}

fn keep_agents_out(paths: &UserPaths) -> Result<Vec<Vacancy>, ResetError> {
    let sockets = system::sockets(paths).into_iter();
    let vacancies = sockets.map(|socket| {
        Vacancy::take(&socket).map_err(|error| match error {
            BindError::AgentRuns => ResetError::AgentRuns,
            BindError::SocketBusy { path } => ResetError::Taken(path),
            other @ (BindError::ApiPortBusy { .. }
            | BindError::Folder { .. }
            | BindError::Port(_)
            | BindError::Socket { .. }
            | BindError::Owner(_)
            | BindError::Endpoint { .. }) => ResetError::Place(other),
        })
    });
    vacancies.collect()
}

impl Reset {
    fn note(&mut self, what: Kept, removed: Result<(), Obstacle>) {
        match removed {
            Ok(()) => self.removed.push(what),
            Err(why) => self.failed.push(NotRemoved { what, why }),
        }
    }
}

#[cfg(test)]
mod tests;
