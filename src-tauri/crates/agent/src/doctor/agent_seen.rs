//! What is known of the agent that runs for this user, if one does.

use cardea_local_api::Removal;
use cardea_session::{Boot, Failure, State};

/// The agent of this user, as whoever examines this computer sees it.
#[derive(Clone, Debug)]
pub enum AgentSeen {
    /// None answers on the local socket.
    NotRunning,
    /// One is there and does not answer as it should; the text says why.
    Unwell(String),
    /// It answers.
    Running(Box<RunningAgent>),
}

/// An agent that answers.
#[derive(Clone, Debug)]
pub struct RunningAgent {
    /// Its version.
    pub version: String,
    /// This run of it.
    pub boot: Boot,
    /// As in its snapshot.
    pub state: State,
    /// What it says is wrong.
    pub failure: Option<Failure>,
    /// Whether a login is under way, also one that leaves a session as it is.
    pub login_under_way: bool,
    /// The ids of the programs that it knows.
    pub apps: Vec<String>,
    /// Whether a card guards the session; none when nobody is signed in.
    pub card_bound: Option<bool>,
    /// The last removals in this run, the oldest first.
    pub removals: Vec<Removal>,
    /// Connections that were refused because the operating system did not say whose they were.
    pub unknown_callers: u64,
}
