//! Windows: a named pipe of this user and session.

use std::io;

use cardea_win32::{Instance, Rights, Sid, make_pipe, pipe_server, this_session};
use tokio::net::windows::named_pipe::{ClientOptions, NamedPipeClient, NamedPipeServer};

/// The end of who asks.
pub(super) type Stream = NamedPipeClient;

/// Where others ask.
pub(in crate::window) struct Front {
    next: NamedPipeServer,
}

impl Front {
    /// Listens from now on. Only who has the window's place may.
    pub(in crate::window) fn listen() -> io::Result<Self> {
        Ok(Self {
            next: make(Instance::First)?,
        })
    }

    pub(super) async fn accept(&mut self) -> io::Result<NamedPipeServer> {
        self.next.connect().await?;
        let further = make(Instance::Further)?;
        Ok(std::mem::replace(&mut self.next, further))
    }
}

fn make(instance: Instance) -> io::Result<NamedPipeServer> {
    let rights = Rights::none().all_for(&Sid::of_this_user()?);
    make_pipe(name()?, &rights, instance)
}

#[expect(clippy::unused_async, reason = "as on Linux, where it takes time")]
pub(super) async fn connect() -> io::Result<NamedPipeClient> {
    ClientOptions::new().open(name()?)
}

/// Ends the process at the other end, and waits until it has gone.
pub(super) fn end(other: &NamedPipeClient) -> io::Result<()> {
    pipe_server(other)?.end(super::GONE_WITHIN)
}

fn name() -> io::Result<String> {
    let (user, session) = (Sid::of_this_user()?, this_session()?);
    Ok(format!(r"\\.\pipe\cardea-window-{user}-{session}"))
}
