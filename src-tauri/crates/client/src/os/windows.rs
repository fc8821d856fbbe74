//! Windows: where the agent of this user and session is found, and whose process answers.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cardea_win32::{Sid, computer_name, pipe_server, this_session};
use tokio::net::windows::named_pipe::{ClientOptions, NamedPipeClient};
use tokio::time::{Instant, sleep};

use crate::ClientError;

/// How long a pipe may be busy with others.
const BUSY_LIMIT: Duration = Duration::from_secs(5);
/// How long to wait before the next try.
const BUSY_PAUSE: Duration = Duration::from_millis(10);
/// `ERROR_PIPE_BUSY`: the server has not yet made the next instance.
const PIPE_BUSY: i32 = 231;

/// The agent's endpoint file. Its name has computer and session in it: `%LOCALAPPDATA%` may follow
/// its user to other computers, and one user may have several sessions.
pub(crate) fn endpoint_file() -> Result<PathBuf, ClientError> {
    let folder = std::env::var_os("LOCALAPPDATA").map(PathBuf::from);
    let folder = folder.filter(|folder| folder.is_absolute());
    let (computer, session) = (unknown(computer_name())?, unknown(this_session())?);
    folder
        .map(|folder| folder.join("Cardea"))
        .map(|folder| folder.join(format!("endpoint-{computer}-{session}.json")))
        .ok_or(ClientError::NoRuntimeFolder)
}

/// The agent's local socket: a named pipe.
pub(crate) fn socket() -> Result<PathBuf, ClientError> {
    let (user, session) = (unknown(Sid::of_this_user())?, unknown(this_session())?);
    Ok(format!(r"\\.\pipe\cardea-{user}-{session}").into())
}

/// Connects to the local socket, and hands it out only when the process that listens there belongs
/// to this user: nothing has been written to it before.
pub(crate) async fn connect(socket: &Path) -> Result<NamedPipeClient, ClientError> {
    let until = Instant::now() + BUSY_LIMIT;
    let pipe = loop {
        // The server learns who we are, and cannot act in our name (the default of `tokio`).
        match ClientOptions::new().open(socket) {
            Err(error) if error.raw_os_error() == Some(PIPE_BUSY) && Instant::now() < until => {
                sleep(BUSY_PAUSE).await;
            }
            opened => break opened.map_err(ClientError::unopened)?,
        }
    };
    let server = pipe_server(&pipe).and_then(|server| server.user());
    let user = unknown(Sid::of_this_user())?;
    match server {
        Ok(server) if server == user => Ok(pipe),
        Ok(_) | Err(_) => Err(ClientError::OtherUser),
    }
}

fn unknown<T>(answer: io::Result<T>) -> Result<T, ClientError> {
    answer.map_err(ClientError::Unreachable)
}

#[cfg(test)]
mod tests {
    use tokio::net::windows::named_pipe::ServerOptions;

    use super::*;

    #[tokio::test]
    async fn a_server_of_this_user_is_accepted_and_none_is_not_running() {
        let path = PathBuf::from(format!(r"\\.\pipe\cardea-test-{}", std::process::id()));
        let absent = connect(&path).await;
        assert!(matches!(absent, Err(ClientError::NotRunning(_))));
        let _server = ServerOptions::new()
            .first_pipe_instance(true)
            .create(&path)
            .unwrap();
        assert!(connect(&path).await.is_ok());
    }

    #[test]
    fn socket_and_endpoint_file_are_this_users_and_sessions() {
        let user = Sid::of_this_user().unwrap();
        let session = this_session().unwrap();
        let socket = socket().unwrap();
        let pipe = format!(r"\\.\pipe\cardea-{user}-{session}");
        assert_eq!(socket, PathBuf::from(pipe));
        let file = endpoint_file().unwrap();
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        assert!(name.ends_with(&format!("-{session}.json")), "{name}");
    }
}
