//! Linux: a lock on a file in the folder of the log-in session (flock(2)).

use std::fs::{DirBuilder, File, TryLockError};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;

use cardea_client::Endpoint;

/// This tray is the only one while it lives; the operating system lets go of it whatever happens.
#[derive(Debug)]
pub(crate) struct OnlyOne {
    _file: File,
}

impl OnlyOne {
    /// Takes the place of the tray; none when another has it.
    pub(crate) fn take() -> io::Result<Option<Self>> {
        let endpoint = Endpoint::file().map_err(io::Error::other)?;
        let folder = endpoint.parent().ok_or(io::ErrorKind::NotFound)?;
        Self::take_in(folder)
    }

    fn take_in(folder: &Path) -> io::Result<Option<Self>> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(folder.join("desktop.lock"))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("cardea");
        let first = OnlyOne::take_in(&folder).unwrap();
        assert!(first.is_some());
        assert!(OnlyOne::take_in(&folder).unwrap().is_none());
        drop(first);
        assert!(OnlyOne::take_in(&folder).unwrap().is_some());
    }
}
