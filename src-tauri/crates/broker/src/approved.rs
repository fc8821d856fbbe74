//! The approval list: which workstations count, by the thumbprints of their keys. Its file is read
//! again when it has changed.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The characters of a SHA-256 in base64url.
const THUMBPRINT: usize = 43;

/// The longest list that is read.
const SIZE_LIMIT: u64 = 4 * 1024 * 1024;

/// The list in its file.
#[derive(Debug)]
pub(crate) struct Approved {
    file: PathBuf,
    read: Mutex<Option<Read>>,
}

#[derive(Debug)]
struct Read {
    stamp: Stamp,
    /// Empty when the list is of no use.
    thumbprints: HashSet<String>,
}

/// What changes with the file: inode, size, time of change in seconds and nanoseconds.
type Stamp = (u64, u64, i64, i64);

/// Why the list is of no use.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ListError {
    #[error("the approval list cannot be read")]
    Unreadable(#[from] io::Error),
    #[error("the approval list is too long")]
    TooLong,
    #[error("line {0} of the approval list does not begin with a thumbprint")]
    NotAThumbprint(usize),
}

impl Approved {
    pub(crate) fn in_file(file: PathBuf) -> Self {
        Self {
            file,
            read: Mutex::default(),
        }
    }

    /// Whether the workstation counts. Nobody does while the list is of no use.
    pub(crate) fn has(&self, thumbprint: &str) -> bool {
        self.look(|thumbprints| thumbprints.contains(thumbprint))
    }

    /// How many are approved.
    pub(crate) fn count(&self) -> usize {
        self.look(HashSet::len)
    }

    fn look<T>(&self, look: impl FnOnce(&HashSet<String>) -> T) -> T {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = stamp(&self.file).unwrap_or_default();
        if read.as_ref().is_none_or(|read| read.stamp != stamp) {
            *read = Some(Read {
                stamp,
                thumbprints: self.fresh(),
            });
        }
        let none = HashSet::new();
        look(read.as_ref().map_or(&none, |read| &read.thumbprints))
    }

    fn fresh(&self) -> HashSet<String> {
        match thumbprints(&self.file) {
            Ok(thumbprints) => {
                tracing::info!(workstations = thumbprints.len(), "approval list read");
                thumbprints
            }
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, "no workstation counts");
                HashSet::new()
            }
        }
    }
}

fn stamp(file: &Path) -> io::Result<Stamp> {
    let about = fs::metadata(file)?;
    Ok((about.ino(), about.size(), about.ctime(), about.ctime_nsec()))
}

fn thumbprints(file: &Path) -> Result<HashSet<String>, ListError> {
    if fs::metadata(file)?.len() > SIZE_LIMIT {
        return Err(ListError::TooLong);
    }
    let text = fs::read_to_string(file)?;
    let mut found = HashSet::new();
    for (index, line) in text.lines().enumerate() {
        let Some(first) = line.split_whitespace().next() else {
            continue;
        };
        if first.starts_with('#') {
            continue;
        }
        let is_base64url = |c: u8| c.is_ascii_alphanumeric() || b"-_".contains(&c);
        if first.len() != THUMBPRINT || !first.bytes().all(is_base64url) {
            return Err(ListError::NotAThumbprint(index + 1));
        }
        found.insert(first.to_owned());
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "Qrv8LVjKgwUKZX0-xRl5--cL2h3w-hJZHRdKQ7EXTZc";
    const OTHER: &str = "Arv8LVjKgwUKZX0-xRl5--cL2h3w-hJZHRdKQ7EXTZc";

    #[test]
    fn a_workstation_counts_while_its_line_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("workstations.txt");
        let list = Approved::in_file(file.clone());
        assert!(!list.has(ONE));
        let write = |text: &str| {
            // As editors do: another file in its place.
            let new = folder.path().join("new");
            fs::write(&new, text).unwrap();
            fs::rename(new, &file).unwrap();
        };
        write(&format!("# ours\n\n{ONE}  RECEPTION-1\n{OTHER}\n"));
        assert!(list.has(ONE) && list.has(OTHER));
        assert_eq!(list.count(), 2);
        write(&format!("{OTHER}\n# {ONE}\n"));
        assert!(!list.has(ONE) && list.has(OTHER));
        fs::remove_file(&file).unwrap();
        assert!(!list.has(OTHER));
    }

    #[test]
    fn a_list_with_a_line_that_is_none_approves_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("workstations.txt");
        for odd in [
            "RECEPTION-1",
            "*",
            &ONE[1..],
            "Qrv8LVjKgwUKZX0+xRl5+/cL2h3w+hJZHRdKQ7EXTZc",
        ] {
            fs::write(&file, format!("{ONE}\n{odd}\n")).unwrap();
            assert!(!Approved::in_file(file.clone()).has(ONE), "{odd}");
            let error = thumbprints(&file).unwrap_err().to_string();
            assert!(error.starts_with("line 2 "), "{error}");
            assert!(!error.contains(odd));
        }
    }
}
