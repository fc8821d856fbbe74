//! What the page shows.

use std::time::Duration;

use cardea_client::session::{Snapshot, Time};
use serde::Serialize;

/// An agent that was never heard within this time does not run.
const STARTS_WITHIN: Duration = Duration::from_secs(10);
/// An agent that was lost comes back within this time: the tray starts it again.
const COMES_BACK_WITHIN: Duration = Duration::from_secs(60);

/// What is known at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct View {
    /// How the agent is; only one that runs has a snapshot.
    pub(super) agent: Agent,
    pub(super) snapshot: Option<Box<Snapshot>>,
    /// How many programs ask to be let in.
    pub(super) pairings: usize,
    /// When this was so, on the agent's clock, which is this computer's.
    pub(super) server_time: Time,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Agent {
    Running,
    Starting,
    Restarting,
    Down,
}

/// What is known of the agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// It says this.
    Says(Box<Snapshot>),
    /// Not heard for so long; `ever` when it was before.
    Silent { ever: bool, since: Duration },
}

impl View {
    /// The view of what is known, at `now`.
    pub(super) fn of(known: Known, pairings: usize, now: Time) -> Self {
        let (agent, snapshot) = match known {
            Known::Says(snapshot) => (Agent::Running, Some(snapshot)),
            Known::Silent { ever: false, since } if since < STARTS_WITHIN => {
                (Agent::Starting, None)
            }
            Known::Silent { ever: true, since } if since < COMES_BACK_WITHIN => {
                (Agent::Restarting, None)
            }
            Known::Silent { .. } => (Agent::Down, None),
        };
        Self {
            agent,
            pairings: snapshot.as_ref().map_or(0, |_| pairings),
            snapshot,
            server_time: now,
        }
    }

    /// Whether the page would show the same.
    pub(super) fn shows_as(&self, other: &Self) -> bool {
        let Self {
            agent,
            snapshot,
            pairings,
            server_time: _,
        } = other;
        (&self.agent, &self.snapshot, &self.pairings) == (agent, snapshot, pairings)
    }
}

#[cfg(test)]
mod tests;
