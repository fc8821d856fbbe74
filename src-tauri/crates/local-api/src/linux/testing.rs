//! What tests ask the operating system.

use std::fs::Permissions;
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

/// Whether nobody but this user can read or change a file or folder.
pub(crate) fn is_private(place: &Path) -> bool {
    std::fs::metadata(place).unwrap().permissions().mode() & 0o077 == 0
}

pub(crate) fn let_others_read(file: &Path) {
    std::fs::set_permissions(file, Permissions::from_mode(0o644)).unwrap();
}

pub(crate) fn somebody_else() -> Owner {
    this_owner().unwrap() + 1
}
