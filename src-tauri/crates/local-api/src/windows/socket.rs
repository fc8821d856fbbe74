//! The local socket: a named pipe for the programs of this log-on, whose name one agent holds.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use cardea_win32::{Instance, Lock, Rights, Sid, make_pipe, pipe_client};
use tokio::net::windows::named_pipe::NamedPipeServer;

use super::Owner;
use super::program::{Moment, is_own_program};
use crate::socket_error::SocketError;

/// The named pipe; its name is free when this and all connections are gone.
#[derive(Debug)]
pub(crate) struct LocalSocket {
    name: PathBuf,
    rights: Rights,
    /// The instance for the next program. It holds the name, too.
    next: NamedPipeServer,
    is_listening: bool,
    _lock: Lock,
}

impl LocalSocket {
    /// Takes the name `path` and listens there; to be called inside of a runtime.
    pub(crate) fn bind(path: &Path) -> Result<Self, SocketError> {
        // The log-on, not the user: a service or a task of the same user is somebody else. From
        // medium integrity up: not what runs in a browser's sandbox.
        let rights = Rights::none()
            .read_and_write_for(&Sid::of_this_log_on()?)
            .not_changed_by_the_owner()
            .from_medium_integrity();
        let lock = Lock::take(&lock_beside(path))?.ok_or(SocketError::AgentRuns)?;
        match make_pipe(path, &rights, Instance::First) {
            Ok(next) => Ok(Self {
                name: path.to_owned(),
                rights,
                next,
                is_listening: true,
                _lock: lock,
            }),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Err(SocketError::Busy),
            Err(error) => Err(error.into()),
        }
    }

    /// The next program that comes. Safe to drop and call again.
    pub(crate) async fn accept(&mut self) -> io::Result<Visitor> {
        if !self.is_listening {
            return std::future::pending().await;
        }
        self.next.connect().await?;
        let since = Moment::now();
        match make_pipe(&self.name, &self.rights, Instance::Further) {
            Ok(next) => Ok(Visitor {
                stream: std::mem::replace(&mut self.next, next),
                since,
            }),
            // Without another instance this one must stay, or the name would be anybody's.
            Err(error) => {
                self.next.disconnect()?;
                Err(error)
            }
        }
    }

    /// Takes no more programs, and keeps the name.
    pub(crate) fn stop_listening(&mut self) {
        self.is_listening = false;
    }
}

/// The name of the lock that goes with a pipe.
fn lock_beside(pipe: &Path) -> OsString {
    pipe.file_name().unwrap_or_default().to_owned()
}

/// A program that came to the local socket.
#[derive(Debug)]
pub(crate) struct Visitor {
    stream: NamedPipeServer,
    since: Moment,
}

impl Visitor {
    /// Whose program it is.
    ///
    /// # Errors
    /// When Windows does not say.
    pub(crate) fn owner(&self) -> io::Result<Owner> {
        Owner::of(&pipe_client(&self.stream)?)
    }

    /// Its process, where Windows says.
    pub(crate) fn process(&self) -> Option<u32> {
        Some(pipe_client(&self.stream).ok()?.id())
    }

    /// Whether it is one of Cardea's own programs; one that cannot be looked at is not.
    pub(crate) async fn is_own_program(&self) -> bool {
        let Ok(client) = pipe_client(&self.stream) else {
            return false;
        };
        let since = self.since;
        let look = move || is_own_program(&client, since).unwrap_or(false);
        tokio::task::spawn_blocking(look).await.unwrap_or(false)
    }

    /// What is said.
    pub(crate) fn into_stream(self) -> NamedPipeServer {
        self.stream
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::windows::named_pipe::{ClientOptions, ServerOptions};

    use super::*;
    use crate::os::testing::socket_in;
    use crate::os::this_owner;

    #[tokio::test]
    async fn each_program_has_an_instance_of_its_own_and_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let name = socket_in(folder.path());
        let mut socket = LocalSocket::bind(&name).unwrap();
        let mut connections = Vec::new();
        for _ in 0..3 {
            let client = ClientOptions::new().open(&name).unwrap();
            let visitor = socket.accept().await.unwrap();
            assert_eq!(visitor.owner().unwrap(), this_owner().unwrap());
            assert!(visitor.is_own_program().await);
            connections.push((client, visitor.into_stream()));
        }
        for (client, server) in &mut connections {
            client.write_all(b"x").await.unwrap();
            assert_eq!(server.read_u8().await.unwrap(), b'x');
        }
    }

    #[tokio::test]
    async fn a_second_agent_is_told_that_the_name_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let name = socket_in(folder.path());
        let mut first = LocalSocket::bind(&name).unwrap();
        let second = LocalSocket::bind(&name);
        assert!(matches!(second, Err(SocketError::AgentRuns)), "{second:?}");
        first.stop_listening();
        assert!(LocalSocket::bind(&name).is_err(), "given up too early");
    }

    #[tokio::test]
    #[ignore = "Wine 8 lets everybody have the first instance"]
    async fn a_squatter_is_not_joined() {
        let folder = tempfile::tempdir().unwrap();
        let name = socket_in(folder.path());
        let _squatter = ServerOptions::new().create(&name).unwrap();
        assert!(matches!(LocalSocket::bind(&name), Err(SocketError::Busy)));
    }

    #[tokio::test]
    async fn the_name_is_free_when_the_agent_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let name = socket_in(folder.path());
        drop(LocalSocket::bind(&name).unwrap());
        assert!(LocalSocket::bind(&name).is_ok());
    }
}
