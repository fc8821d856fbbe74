//! What tests ask the operating system.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tokio::net::UnixStream;

use super::{Owner, this_owner};

/// A local socket that is this folder's alone.
pub(crate) fn socket_in(folder: &Path) -> PathBuf {
    folder.join("agent.sock")
}

pub(crate) fn socket_is_there(socket: &Path) -> bool {
    socket.exists()
}

pub(crate) async fn connect(socket: &Path) -> UnixStream {
    UnixStream::connect(socket).await.unwrap()
}

pub(crate) fn is_private(file: &Path) -> bool {
    std::fs::metadata(file).unwrap().permissions().mode() & 0o777 == 0o600
}

pub(crate) fn somebody_else() -> Owner {
    this_owner().unwrap() + 1
}
