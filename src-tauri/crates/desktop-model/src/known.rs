//! What the desktop knows.

use cardea_session::{Failure, FailureCode, SessionView, Snapshot, State, User};

use crate::Desktop;

/// All that the desktop shows is made of this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The agent, and what it said last.
    pub agent: Agent,
    /// How many programs ask to be let in.
    pub pairings: usize,
    /// The settings that say what may be shown.
    pub settings: Desktop,
}

/// How the agent is. Only one that can be heard has a snapshot, so that nothing old is ever shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Agent {
    /// It was started, or is being looked for, and has not been heard yet.
    Starting,
    /// It runs, and this is what it says.
    Running(Box<Snapshot>),
    /// It ended without being asked to, and is started again.
    Restarting,
    /// It was stopped, or cannot be started.
    Down,
}

impl Agent {
    /// The name by which the window's page knows it.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Running(_) => "running",
            Self::Restarting => "restarting",
            Self::Down => "down",
        }
    }
}

impl Known {
    /// At the start, before anything was heard.
    #[must_use]
    pub fn nothing() -> Self {
        Self {
            agent: Agent::Starting,
            pairings: 0,
            settings: Desktop::default(),
        }
    }

    /// What the agent says, while it can be heard.
    #[must_use]
    pub fn snapshot(&self) -> Option<&Snapshot> {
        match &self.agent {
            Agent::Running(snapshot) => Some(snapshot),
            Agent::Starting | Agent::Restarting | Agent::Down => None,
        }
    }

    /// The session, while somebody is signed in.
    #[must_use]
    pub fn session(&self) -> Option<&SessionView> {
        let snapshot = self.snapshot()?;
        let session = snapshot.session.as_ref();
        session.filter(|_| snapshot.state == State::Active)
    }

    /// What is wrong and wants somebody: that the user gave up a login does not.
    pub(crate) fn failure(&self) -> Option<&Failure> {
        let failure = self.snapshot()?.failure.as_ref();
        failure.filter(|failure| failure.code != FailureCode::LoginCancelled)
    }

    /// Who is signed in, where the settings let it be shown.
    pub(crate) fn name(&self) -> Option<&str> {
        let user = self.session()?.user.as_ref();
        user.filter(|_| self.settings.show_name)
            .and_then(name_of)
            .filter(|name| !name.is_empty())
    }
}

fn name_of(user: &User) -> Option<&str> {
    user.name.as_deref().map(str::trim)
}
