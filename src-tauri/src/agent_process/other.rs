//! An agent that somebody else started: by hand, or a tray that died.

use std::io;
use std::path::Path;
use std::time::Duration;

use cardea_client::{ClientError, Endpoint};
use tokio::task::spawn_blocking;

use crate::os::Process;

/// A process that is killed has gone by then.
const LIMIT: Duration = Duration::from_secs(10);

/// Why it is still there.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OtherStays {
    /// Its endpoint file does not say which process it is.
    #[error("its process is not known: {0}")]
    Unknown(#[from] ClientError),
    /// It is none of this installation: somebody's copy, or something that took its place.
    #[error("process {0} runs another program than this installation's")]
    Foreign(u32),
    /// The operating system does not let it be ended.
    #[error("process {0} cannot be ended: {1}")]
    Refused(u32, #[source] io::Error),
}

/// Kills it if it runs `ours`, the program that this tray would start, and waits until it has gone.
pub(crate) async fn end_other(ours: &Path) -> Result<(), OtherStays> {
    let id = Endpoint::read(&Endpoint::file()?).await?.pid;
    let refused = |error| OtherStays::Refused(id, error);
    let process = Process::open(id).map_err(refused)?;
    let ours = ours.canonicalize().map_err(refused)?;
    if process.program().map_err(refused)? != ours {
        return Err(OtherStays::Foreign(id));
    }
    let ended = spawn_blocking(move || process.end(LIMIT)).await;
    ended.map_err(io::Error::other).flatten().map_err(refused)
}
