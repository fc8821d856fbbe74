//! Linux: the runtime folder has what belongs to the agent that runs.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;

use crate::paths::UserPaths;

/// The local sockets at which an agent of this user may answer.
pub(super) fn sockets(paths: &UserPaths) -> Vec<PathBuf> {
    let socket = paths.socket();
    // No agent runs without the folder, nor in one that is a link.
    let folder = socket.parent().map(fs::symlink_metadata);
    match folder {
        Some(Ok(folder)) if folder.is_dir() => vec![socket],
        Some(_) | None => Vec::new(),
    }
}

/// What tray and window have there.
const DESKTOP: [&str; 3] = ["desktop.lock", "window.lock", "window.sock"];

/// When the file of this name goes; none when Cardea does not make it. The lock is what keeps
/// agents from starting.
pub(super) fn runtime_rank(paths: &UserPaths, name: &str) -> Option<u8> {
    let (endpoint, socket) = (paths.endpoint(), paths.socket());
    if DESKTOP.contains(&name) {
        return Some(0);
    }
    let is = |path: PathBuf| path.file_name() == Some(name.as_ref());
    if is(socket.with_extension("lock")) {
        return Some(1);
    }
    let others = [
        endpoint.with_extension("new"),
        endpoint,
        paths.run_marker(),
        socket,
    ];
    others.into_iter().any(is).then_some(0)
}

/// Whether this is this user's.
pub(super) fn is_own(folder: &Metadata) -> bool {
    folder.uid() == rustix::process::geteuid().as_raw()
}
