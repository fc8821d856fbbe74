//! Whether a file of settings can be believed: nobody but those named may have been able to write
//! or replace it.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

#[cfg(target_os = "linux")]
mod linux;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
use linux::open_trusted;
#[cfg(windows)]
use windows::open_trusted;
#[cfg(windows)]
pub(super) use windows::{Thing, held_by};

/// More than any settings need; a bound on what is read.
pub(super) const MAX_BYTES: u64 = 1024 * 1024;

/// Who may have written a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Writers {
    /// The administrator only.
    Administrator,
    /// The administrator or the user who runs the agent.
    AdministratorOrUser,
}

/// A file that can be believed.
#[derive(Debug)]
pub(super) struct TrustedFile {
    pub(super) text: String,
    /// Whether nobody but the administrator could have written it.
    pub(super) administrators_only: bool,
}

/// An open file that can be believed.
struct Trusted {
    file: File,
    /// Whether nobody but the administrator could have written it.
    administrators_only: bool,
}

/// Reads a file that can be believed; none when there is no file.
///
/// # Errors
/// [`Untrusted`] when it is there and is refused or cannot be read.
pub(super) fn read_trusted(
    path: &Path,
    writers: Writers,
) -> Result<Option<TrustedFile>, Untrusted> {
    let Some(trusted) = open_trusted(path, writers)? else {
        return Ok(None);
    };
    Ok(Some(TrustedFile {
        text: text_of(trusted.file)?,
        administrators_only: trusted.administrators_only,
    }))
}

/// Sees that nobody but the administrator could have written a file, a program for instance.
///
/// # Errors
/// [`Untrusted`] when somebody else could have.
pub(crate) fn administrators_only(path: &Path) -> Result<(), Untrusted> {
    open_trusted(path, Writers::Administrator).map(drop)
}

/// Reads the user's own file, which only concerns that user; none when there is no file.
///
/// # Errors
/// [`Untrusted`] when it is there and cannot be read.
pub(super) fn read_own(path: &Path) -> Result<Option<String>, Untrusted> {
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => {}
        Ok(_) => return Err(Untrusted::NotAFile),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Untrusted::Unreadable(error)),
    }
    let file = File::open(path).map_err(Untrusted::Unreadable)?;
    text_of(file).map(Some)
}

fn text_of(file: File) -> Result<String, Untrusted> {
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(Untrusted::Unreadable)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Untrusted::TooLarge);
    }
    String::from_utf8(bytes).map_err(|_| Untrusted::NotText)
}

/// Why a file of settings is refused.
#[derive(Debug, thiserror::Error)]
pub enum Untrusted {
    /// It, or a folder on the way to it, belongs to somebody who may not write settings.
    #[error("refused, because {} belongs to {owner}; {remedy}", path.display())]
    Owner {
        /// The file, folder or registry key.
        path: PathBuf,
        /// Whose it is, in words.
        owner: String,
        /// What to do.
        remedy: &'static str,
    },
    /// Others can write it, or replace it by writing a folder on the way to it.
    #[error("refused, because {writers} can write {}{remedy}", path.display())]
    Writable {
        /// The file, folder or registry key.
        path: PathBuf,
        /// Who can write it, in words.
        writers: String,
        /// By what, and what to do.
        remedy: String,
    },
    /// A link is on the way to it.
    #[error("refused, because {} is a link; use the real path", path.display())]
    Link {
        /// The link.
        path: PathBuf,
    },
    /// It is a folder, a device or something else.
    #[error("refused, because it is not a plain file")]
    NotAFile,
    /// It is larger than settings ever are.
    #[error("refused, because it is larger than {} KiB", MAX_BYTES / 1024)]
    TooLarge,
    /// It is not text.
    #[error("refused, because it is not UTF-8 text")]
    NotText,
    /// It is there and cannot be read.
    #[error("it cannot be read: {0}")]
    Unreadable(#[source] io::Error),
}
