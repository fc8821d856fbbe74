//! Where things are: this user's folders and the machine's files, all in one place.

use std::io;
use std::path::{Path, PathBuf};

#[cfg(target_os = "linux")]
mod linux;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
use linux as system;
#[cfg(windows)]
use windows as system;

pub(crate) use system::{installation, machine_file, policy, replace};

/// The folders of the user who runs the agent. None of them is made by looking them up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserPaths {
    /// What Cardea keeps for this user.
    pub state: PathBuf,
    /// This user's own settings.
    pub config: PathBuf,
    endpoint: PathBuf,
    socket: PathBuf,
}

/// A folder cannot be found or made.
#[derive(Debug, thiserror::Error)]
pub enum PathError {
    /// The environment does not say where a folder is.
    #[error("{missing} is not set, so the folder for {purpose} is not known; {remedy}")]
    Missing {
        /// The variable.
        missing: &'static str,
        /// What the folder is for.
        purpose: &'static str,
        /// What to do.
        remedy: &'static str,
    },
    /// The operating system does not say what a name is made of.
    #[error("{what} is not known: {source}")]
    Unknown {
        /// What was asked for.
        what: &'static str,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A folder cannot be made for this user alone.
    #[error("the folder {} cannot be used: {source}", path.display())]
    Unusable {
        /// The folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

impl UserPaths {
    /// Looks the folders up in the environment.
    ///
    /// # Errors
    /// [`PathError::Missing`] when it does not say where they are, [`PathError::Unknown`] when the
    /// operating system does not say who asks.
    pub fn from_environment() -> Result<Self, PathError> {
        system::user_paths(|name| std::env::var_os(name))
    }

    /// Everything in a folder of its own, beside which the user's agent may run.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        Self {
            state: folder.join("state"),
            config: folder.join("config"),
            endpoint: folder.join("run").join("endpoint.json"),
            socket: system::socket_in(folder),
        }
    }

    /// The audit file.
    #[must_use]
    pub fn audit(&self) -> PathBuf {
        self.state.join("audit.jsonl")
    }

    /// The folder of logs.
    #[must_use]
    pub fn logs(&self) -> PathBuf {
        self.state.join("logs")
    }

    /// The programs that were paired.
    #[must_use]
    pub fn apps(&self) -> PathBuf {
        self.state.join("apps.json")
    }

    /// The user's own settings.
    #[must_use]
    pub fn user_settings(&self) -> PathBuf {
        self.config.join("user.toml")
    }

    /// The file that tells programs where the agent listens.
    #[must_use]
    pub fn endpoint(&self) -> PathBuf {
        self.endpoint.clone()
    }

    /// The file that is there while the agent runs.
    #[must_use]
    pub fn run_marker(&self) -> PathBuf {
        self.endpoint().with_extension("running")
    }

    /// The local socket.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.socket.clone()
    }
}

pub(crate) use system::is_private;

/// Makes a folder that this user alone can enter, and the folders above it; one that is there
/// already is closed to others.
///
/// # Errors
/// [`PathError::Unusable`] when it cannot be made, or belongs to somebody else.
pub fn create_private(path: &Path) -> Result<(), PathError> {
    system::create_private(path).map_err(|source| PathError::Unusable {
        path: path.to_owned(),
        source,
    })
}

/// Opens a file to append to, that this user alone can read; makes it when it is not there.
pub(crate) fn append_private(path: &Path) -> io::Result<std::fs::File> {
    system::append_private(path)
}

/// Makes a new file that this user alone can read; fails when it is there.
pub(crate) fn create_private_file(path: &Path) -> io::Result<std::fs::File> {
    system::create_private_file(path)
}
