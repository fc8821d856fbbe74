//! Windows: files of each session's agent lie beside what is kept, and each has a pipe.

use std::fs::Metadata;
use std::path::PathBuf;

use cardea_win32::{Sid, computer_name};

use crate::paths::UserPaths;

/// The local sockets at which an agent of this user may answer: this session's, and those of the
/// sessions that left a file.
pub(super) fn sockets(paths: &UserPaths) -> Vec<PathBuf> {
    let mut sockets = vec![paths.socket()];
    let folder = std::fs::read_dir(&paths.state);
    let (Ok(folder), Ok(user)) = (folder, Sid::of_this_user()) else {
        return sockets;
    };
    for file in folder.flatten() {
        let name = file.file_name();
        if let Some((session, _)) = name.to_str().and_then(session_and_rest) {
            let pipe = PathBuf::from(format!(r"\\.\pipe\cardea-{user}-{session}"));
            if !sockets.contains(&pipe) {
                sockets.push(pipe);
            }
        }
    }
    sockets
}

/// Whether Cardea makes a file of this name for its run, on this computer.
pub(super) fn runtime_rank(paths: &UserPaths, name: &str) -> Option<u8> {
    let endpoint = paths.endpoint();
    let here = [endpoint.with_extension("new"), endpoint, paths.run_marker()];
    let is_here = here
        .iter()
        .any(|path| path.file_name() == Some(name.as_ref()));
    let of_a_session =
        session_and_rest(name).is_some_and(|(_, rest)| ["json", "new", "running"].contains(&rest));
    (is_here || of_a_session).then_some(0)
}

/// Windows lets nobody but the user and administrators into the user's folders.
pub(super) fn is_own(_folder: &Metadata) -> bool {
    true
}

/// The session of an `endpoint-COMPUTER-SESSION.…` of this computer, and what follows the dot.
fn session_and_rest(name: &str) -> Option<(u32, &str)> {
    let computer = computer_name().ok()?;
    let name = name.strip_prefix("endpoint-")?.strip_prefix(&computer)?;
    let (session, rest) = name.strip_prefix('-')?.split_once('.')?;
    Some((session.parse().ok()?, rest))
}
