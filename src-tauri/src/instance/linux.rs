//! Linux: a lock on a file in the folder of the log-in session (flock(2)).

use std::fs::{DirBuilder, File, TryLockError};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;

use cardea_client::Endpoint;

use super::Part;

/// This process is the only one of its part while it lives; the operating system lets go of it whatever happens.
#[derive(Debug)]
pub(crate) struct OnlyOne {
    _file: File,
}

impl OnlyOne {
    /// Takes the place of this part; none when another process has it.
    pub(crate) fn take(part: Part) -> io::Result<Option<Self>> {
        let endpoint = Endpoint::file().map_err(io::Error::other)?;
        let folder = endpoint.parent().ok_or(io::ErrorKind::NotFound)?;
        Self::take_in(folder, part)
    }

    fn take_in(folder: &Path, part: Part) -> io::Result<Option<Self>> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(folder.join(name(part)))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

fn name(part: Part) -> &'static str {
    match part {
        Part::Tray => "desktop.lock",
        Part::Window => "window.lock",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_of_each_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("cardea");
        let take = |part| OnlyOne::take_in(&folder, part).unwrap();
        let first = take(Part::Tray);
        assert!(first.is_some());
        assert!(take(Part::Tray).is_none());
        assert!(take(Part::Window).is_some());
        drop(first);
        assert!(take(Part::Tray).is_some());
    }
}
