//! `cardea stop-sessions`.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use cardea_win32::Process;
use cardea_win32::registry::{Hive, Value, set_value};
use cardea_win32::sessions::start_in_session;

use super::programs::{Kind, Program, SERVICES, agent, look};
use super::{STOPPED, failed, forget_noted};
use crate::arguments::StopSessionsArguments;
use crate::failure::CommandError;

const WHAT: &str = "cannot end what runs in other sessions";

/// For agents to end their sessions and themselves, all together.
const ASKED_LIMIT: Duration = Duration::from_secs(10);
/// For one that is terminated to be gone.
const TERMINATED_LIMIT: Duration = Duration::from_secs(2);
/// A desktop may have been about to start its agent again.
const ROUNDS: usize = 5;

/// Has every agent end in order, and ends what is left.
pub(crate) fn stop(arguments: &StopSessionsArguments) -> Result<(), CommandError> {
    cardea_win32::close_own_console();
    let programs = look().map_err(failed(WHAT))?.ours;
    // What an installation that did not come to its end has left.
    forget_noted().map_err(failed(WHAT))?;
    if arguments.remember {
        for (session, kind) in by_session(&programs) {
            let name = session.to_string();
            let value = Value::Text(word(kind).to_owned());
            set_value(Hive::LocalMachine, STOPPED, &name, &value).map_err(failed(WHAT))?;
        }
    }
    // First what would start an agent again; no session depends on it.
    terminate(&programs, Kind::Desktop);
    ask(&programs)?;
    for _ in 0..ROUNDS {
        let left = look().map_err(failed(WHAT))?.ours;
        if left.is_empty() {
            break;
        }
        terminate(&left, Kind::Desktop);
        terminate(&left, Kind::Agent);
    }
    let left = look().map_err(failed(WHAT))?;
    judge(left.ours.len(), left.unknown)
}

/// What could not be looked at may be one that runs.
fn judge(running: usize, unknown: usize) -> Result<(), CommandError> {
    match running + unknown {
        0 => Ok(()),
        count => Err(CommandError::StillRunning { count }),
    }
}

/// What is to be started again in each session: the desktop where there was one, since it starts
/// the agent. Nothing is in the session of services, which has no user.
fn by_session(programs: &[Program]) -> BTreeMap<u32, Kind> {
    let mut kinds = BTreeMap::new();
    for program in programs
        .iter()
        .filter(|program| program.session != SERVICES)
    {
        let kind = kinds.entry(program.session).or_insert(program.kind);
        if program.kind == Kind::Desktop {
            *kind = Kind::Desktop;
        }
    }
    kinds
}

pub(super) fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Agent => "agent",
        Kind::Desktop => "desktop",
    }
}

/// Asks the agents, and waits for them. Those that cannot be asked are terminated later.
fn ask(programs: &[Program]) -> Result<(), CommandError> {
    let agent = agent().map_err(failed(WHAT))?;
    let until = Instant::now() + ASKED_LIMIT;
    let remaining = || until.saturating_duration_since(Instant::now());
    let sessions = by_session(programs).into_keys();
    let errands: Vec<_> = sessions
        .filter_map(|session| start_in_session(session, &agent, &["errand", "stop"]).ok())
        .collect();
    for errand in errands {
        let _asked_or_not = errand.wait(remaining());
    }
    // Those of services were not asked.
    let agents = programs
        .iter()
        .filter(|program| program.kind == Kind::Agent && program.session != SERVICES);
    for agent in agents {
        if let Ok(running) = Process::open_to_end(agent.process) {
            let _ended_or_not = running.wait(remaining());
        }
    }
    Ok(())
}

fn terminate(programs: &[Program], kind: Kind) {
    for program in programs.iter().filter(|program| program.kind == kind) {
        if let Ok(running) = Process::open_to_end(program.process) {
            // It may have ended by itself; whoever is left is looked for again.
            let _ended = running.terminate();
            let _gone = running.wait(TERMINATED_LIMIT);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_with_a_desktop_gets_it_back_and_else_its_agent() {
        let program = |session, kind| Program {
            process: 4,
            session,
            kind,
        };
        let programs = [
            program(1, Kind::Agent),
            program(2, Kind::Agent),
            program(2, Kind::Desktop),
            program(2, Kind::Agent),
            program(0, Kind::Agent),
        ];
        let expected = BTreeMap::from([(1, Kind::Agent), (2, Kind::Desktop)]);
        assert_eq!(by_session(&programs), expected);
    }

    #[test]
    fn what_does_not_let_us_look_may_still_run() {
        assert!(judge(0, 0).is_ok());
        assert!(matches!(
            judge(1, 2),
            Err(CommandError::StillRunning { count: 3 })
        ));
        assert!(judge(0, 1).is_err());
    }
}
