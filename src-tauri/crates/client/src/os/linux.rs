//! Linux: where the agent of this user is found, and whose process answers.

use std::path::{Path, PathBuf};

use rustix::process::{Uid, geteuid};
use tokio::net::UnixStream;

use crate::ClientError;

/// The agent's endpoint file.
pub(crate) fn endpoint_file() -> Result<PathBuf, ClientError> {
    Ok(runtime_folder()?.join("endpoint.json"))
}

/// The agent's local socket.
pub(crate) fn socket() -> Result<PathBuf, ClientError> {
    Ok(runtime_folder()?.join("agent.sock"))
}

/// Connects to the local socket, and hands it out only when the process that listens there belongs
/// to this user: nothing has been written to it before.
pub(crate) async fn connect(socket: &Path) -> Result<UnixStream, ClientError> {
    let stream = UnixStream::connect(socket)
        .await
        .map_err(ClientError::unopened)?;
    let server = rustix::net::sockopt::socket_peercred(&stream)
        .map_err(|error| ClientError::Unreachable(error.into()))?;
    accept_server_of(server.uid, geteuid())?;
    Ok(stream)
}

fn accept_server_of(server: Uid, user: Uid) -> Result<(), ClientError> {
    if server != user {
        return Err(ClientError::OtherUser);
    }
    Ok(())
}

fn runtime_folder() -> Result<PathBuf, ClientError> {
    let folder = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    folder
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join("cardea"))
        .ok_or(ClientError::NoRuntimeFolder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_of_another_user_is_refused() {
        let user = Uid::from_raw(1000);
        assert!(accept_server_of(user, user).is_ok());
        for other in [Uid::ROOT, Uid::from_raw(1001)] {
            let refused = accept_server_of(other, user);
            assert!(matches!(refused, Err(ClientError::OtherUser)));
        }
    }

    #[tokio::test]
    async fn a_server_of_this_user_is_accepted_and_none_is_not_running() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agent.sock");
        let absent = connect(&path).await;
        assert!(matches!(absent, Err(ClientError::NotRunning(_))));
        let _listener = tokio::net::UnixListener::bind(&path).unwrap();
        assert!(connect(&path).await.is_ok());
    }
}
