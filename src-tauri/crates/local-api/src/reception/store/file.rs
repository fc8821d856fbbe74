//! The file of the list.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::timeout;

use super::Content;
use crate::os::{create_private, hold, private_folder, replace};

/// How long other agents of this user may take over their changes.
const TURN_LIMIT: Duration = Duration::from_secs(3);
/// Longer files are none of ours, in bytes.
const LONGEST: u64 = 1024 * 1024;

/// Waits until no other agent changes the list. Whoever has the turn keeps it until it is dropped.
pub(super) async fn turn(path: PathBuf) -> io::Result<File> {
    let wait = tokio::task::spawn_blocking(move || {
        if let Some(folder) = path.parent() {
            private_folder(folder)?;
        }
        hold(&path.with_extension("lock"))
    });
    timeout(TURN_LIMIT, wait)
        .await
        .map_err(io::Error::from)?
        .map_err(io::Error::from)
        .flatten()
}

/// What the file holds; nothing when it is not there, or could not be understood and was put aside.
pub(super) fn read_or_put_aside(path: &Path) -> io::Result<Option<Content>> {
    match read(path) {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            let aside = path.with_extension("json.bad");
            replace(path, &aside)?;
            tracing::error!(
                %error, file = %aside.display(),
                "the list of programs could not be understood and was put aside"
            );
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// What the file holds.
pub(super) fn read(path: &Path) -> io::Result<Content> {
    let found = fs::metadata(path)?;
    if !found.is_file() {
        // Something else, a pipe for instance, might never end.
        return Err(io::ErrorKind::Unsupported.into());
    }
    if found.len() > LONGEST {
        return Err(io::ErrorKind::InvalidData.into());
    }
    serde_json::from_slice(&fs::read(path)?)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

/// So that no reader, and no crash, ever sees a part of it.
pub(super) fn write(path: &Path, content: &Content) -> io::Result<()> {
    let bytes = serde_json::to_vec_pretty(content)?;
    let temporary = path.with_extension("json.new");
    let mut file = create_private(&temporary)?;
    file.write_all(&bytes)?;
    file.sync_all()?;
    drop(file);
    replace(&temporary, path)
}
