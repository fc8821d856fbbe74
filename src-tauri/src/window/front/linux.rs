//! Linux: a socket in the folder of the log-in session, which only its user can enter.

use std::io;
use std::path::PathBuf;

use cardea_client::Endpoint;
use tokio::net::{UnixListener, UnixStream};

use crate::os::Process;

/// The end of who asks.
pub(super) type Stream = UnixStream;

/// Where others ask.
pub(in crate::window) struct Front {
    listener: UnixListener,
}

impl Front {
    /// Listens from now on. Only who has the window's place may: what is there is left over.
    pub(in crate::window) fn listen() -> io::Result<Self> {
        let path = path()?;
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let listener = UnixListener::bind(path)?;
        Ok(Self { listener })
    }

    pub(super) async fn accept(&mut self) -> io::Result<UnixStream> {
        Ok(self.listener.accept().await?.0)
    }
}

pub(super) async fn connect() -> io::Result<UnixStream> {
    UnixStream::connect(path()?).await
}

/// Ends the process at the other end, and waits until it has gone.
pub(super) fn end(other: &UnixStream) -> io::Result<()> {
    let id = other
        .peer_cred()?
        .pid()
        .and_then(|id| u32::try_from(id).ok());
    Process::open(id.ok_or(io::ErrorKind::NotFound)?)?.end(super::GONE_WITHIN)
}

fn path() -> io::Result<PathBuf> {
    let endpoint = Endpoint::file().map_err(io::Error::other)?;
    Ok(endpoint.with_file_name("window.sock"))
}
