//! The agent's place, kept empty.

use std::path::Path;

use super::{BindError, bind_socket};
use crate::os::LocalSocket;

/// The local socket without an agent: while this is held, none of this user can start.
#[derive(Debug)]
pub struct Vacancy {
    _socket: LocalSocket,
}

impl Vacancy {
    /// Takes the local socket at `path`, whose folder has to be there. What a dead agent left there
    /// is replaced. To be called inside of a runtime.
    ///
    /// # Errors
    /// [`BindError::AgentRuns`] when an agent has it, [`BindError::SocketBusy`] when something else
    /// answers there, [`BindError::Socket`] when it cannot be made.
    pub fn take(path: &Path) -> Result<Self, BindError> {
        let mut socket = bind_socket(path)?;
        socket.stop_listening();
        Ok(Self { _socket: socket })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::os::testing::socket_in;

    #[tokio::test]
    async fn no_agent_can_start_while_its_place_is_held() {
        let folder = tempfile::tempdir().unwrap();
        let path = socket_in(folder.path());
        let vacancy = Vacancy::take(&path).unwrap();
        let agent = LocalSocket::bind(&path);
        assert!(agent.is_err(), "{agent:?}");
        drop(vacancy);
        let agent = LocalSocket::bind(&path).unwrap();
        let refused = Vacancy::take(&path);
        assert!(matches!(refused, Err(BindError::AgentRuns)), "{refused:?}");
        drop(agent);
    }
}
