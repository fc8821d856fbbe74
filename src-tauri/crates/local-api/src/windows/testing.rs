//! What tests ask the operating system.

use std::path::{Path, PathBuf};

use tokio::net::windows::named_pipe::{ClientOptions, NamedPipeClient};

use super::{Owner, this_owner};

/// A local socket that is this folder's alone.
pub(crate) fn socket_in(folder: &Path) -> PathBuf {
    let ours = folder.to_string_lossy().replace(['\\', ':'], "-");
    format!(r"\\.\pipe\cardea-test-{ours}").into()
}

pub(crate) fn socket_is_there(socket: &Path) -> bool {
    ClientOptions::new().open(socket).is_ok()
}

pub(crate) async fn connect(socket: &Path) -> NamedPipeClient {
    const PIPE_BUSY: i32 = 231;
    loop {
        match ClientOptions::new().open(socket) {
            Err(error) if error.raw_os_error() == Some(PIPE_BUSY) => tokio::task::yield_now().await,
            opened => return opened.unwrap(),
        }
    }
}

/// Whether nobody but this user, the system and administrators can read or change a file or folder.
pub(crate) fn is_private(place: &Path) -> bool {
    cardea_win32::is_private(place).unwrap()
}

pub(crate) fn let_others_read(file: &Path) {
    cardea_win32::let_everyone_write(file).unwrap();
}

pub(crate) fn somebody_else() -> Owner {
    let ours = this_owner().unwrap();
    Owner {
        session: ours.session + 1,
        ..ours
    }
}
