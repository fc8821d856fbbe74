//! The doctor: one list of checks over everything that can be wrong on this computer, run by
//! `cardea doctor` in its own process and by `POST /v1/doctor` in the agent's.
//!
//! Each check is a function from the [`Workstation`] to a finding. They run one after the other, each
//! within a limit of its own and all within one; what hangs is a warning with its name.

mod agent_seen;
mod checks;
mod finding;
mod list;
mod os;
mod run;
mod workstation;

#[cfg(test)]
use crate::paths::UserPaths;
pub use agent_seen::{AgentSeen, RunningAgent};

pub use run::{Doctor, check_ids};
pub use workstation::{Cards, CardsSeen, Depth, Workstation};
