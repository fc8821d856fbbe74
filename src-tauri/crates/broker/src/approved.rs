//! The approval list: which workstations count, by the thumbprints of their keys. Its file is read
//! again when it has changed.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::reread::Reread;

/// The characters of a SHA-256 in base64url.
const THUMBPRINT: usize = 43;

/// The longest list that is read.
const SIZE_LIMIT: u64 = 4 * 1024 * 1024;

/// The list in its file; empty while the file is of no use.
pub(crate) struct Approved(Reread<HashSet<String>>);

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
        let files = vec![file.clone()];
        let list = Reread::later("approved", files, HashSet::new, move || thumbprints(&file));
        Self(list)
    }

    /// Whether the workstation counts. Nobody does while the list is of no use.
    pub(crate) fn has(&self, thumbprint: &str) -> bool {
        self.0.current().contains(thumbprint)
    }

    /// How many are approved.
    pub(crate) fn count(&self) -> usize {
        self.0.current().len()
    }

    /// Whether the list is of no use now; with the name for it.
    pub(crate) fn is_wrong(&self) -> (&'static str, bool) {
        self.0.is_wrong()
    }
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
