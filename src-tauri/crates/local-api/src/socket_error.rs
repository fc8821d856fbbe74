//! Why there is no local socket, on every system.

use std::io;

/// Why there is no local socket.
#[derive(Debug)]
pub(crate) enum SocketError {
    /// Another agent of this user has it: only agents take the lock.
    AgentRuns,
    /// Something else answers there.
    Busy,
    /// The operating system refused.
    Io(io::Error),
}

impl From<io::Error> for SocketError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}
