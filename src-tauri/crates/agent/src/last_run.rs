//! Whether the last run of the agent ended as it should: a file is there while one runs.

use std::io;
use std::path::PathBuf;

use crate::paths;

/// How the run before this one ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LastRun {
    /// As it should, or there was none.
    InOrder,
    /// It crashed, was killed, or lost a part.
    CutShort,
}

/// The file of this run. It stays when this is only dropped.
#[derive(Debug)]
pub(crate) struct RunMarker(PathBuf);

impl RunMarker {
    /// Says that a run has begun, and how the last one ended.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub(crate) fn set(path: PathBuf) -> io::Result<(Self, LastRun)> {
        let last = match paths::create_private_file(&path) {
            Ok(_) => LastRun::InOrder,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => LastRun::CutShort,
            Err(error) => return Err(error),
        };
        Ok((Self(path), last))
    }

    /// Says that the run ended as it should.
    pub(crate) fn clear(self) {
        if let Err(error) = std::fs::remove_file(&self.0) {
            tracing::warn!(%error, "the next run will say that this one was cut short");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_was_cut_short_is_noticed_by_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let run = || RunMarker::set(folder.path().join("marker")).unwrap();
        let (first, before) = run();
        assert_eq!(before, LastRun::InOrder);
        first.clear();
        let (second, before) = run();
        assert_eq!(before, LastRun::InOrder);
        drop(second);
        let (third, before) = run();
        assert_eq!(before, LastRun::CutShort);
        third.clear();
        assert_eq!(run().1, LastRun::InOrder);
    }
}
