//! What the API asks the agent's controller.

use cardea_session::{Command, Refusal, Reply};
use tokio::sync::oneshot;

/// A question to the controller. A dropped `reply` and one that takes more than five seconds are
/// the same to the caller: 503.
#[derive(Debug)]
pub enum Request {
    /// Carry this out.
    Command {
        /// What.
        command: Command,
        /// On whose behalf, for the audit.
        caller: Caller,
        /// Where the answer goes.
        reply: oneshot::Sender<Result<Reply, Refusal>>,
    },
    /// The address of the login under way, to be copied into a browser that did not open. Asked
    /// only by Cardea's own programs.
    LoginAddress {
        /// Where the answer goes; none when no login has one.
        reply: oneshot::Sender<Option<String>>,
    },
}

/// Who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// The program of this id.
    App(String),
    /// One of Cardea's own programs, by the local socket.
    OwnProgram,
}
