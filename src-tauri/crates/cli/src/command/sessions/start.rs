//! `cardea start-sessions`.

use std::collections::BTreeMap;
use std::io;

use cardea_win32::registry::{Hive, Limits, Value, read_values};
use cardea_win32::sessions::{sessions, start_in_session};
use cardea_win32::this_session;

use super::programs::{Kind, SERVICES, folder, program_of};
use super::stop::word;
use super::{STOPPED, failed, forget_noted};
use crate::arguments::StartSessionsArguments;
use crate::failure::CommandError;

const WHAT: &str = "cannot start what ran in other sessions";

/// More sessions than a computer has.
const LIMITS: Limits = Limits {
    depth: 0,
    entries: 4096,
    bytes: 64 * 1024,
};

/// Starts in each session what ran there; for everyone, the desktop in the others too.
pub(crate) fn start(arguments: &StartSessionsArguments) -> Result<(), CommandError> {
    cardea_win32::close_own_console();
    let folder = folder().map_err(failed(WHAT))?;
    let noted = take_noted().map_err(failed(WHAT))?;
    let mut wanted: Vec<(u32, Kind, &[&str])> = noted
        .iter()
        .map(|(session, kind)| (*session, *kind, again(*kind)))
        .collect();
    if arguments.everyone && program_of(Kind::Desktop, &folder).exists() {
        let all = with_users().map_err(failed(WHAT))?;
        let others = all
            .into_iter()
            .filter(|session| !noted.contains_key(session));
        wanted.extend(others.map(|session| (session, Kind::Desktop, AT_LOG_ON)));
    }
    let mut failure = None;
    for (session, kind, arguments) in wanted {
        // The new version may have no desktop, or it was taken away.
        let (kind, arguments) = match program_of(kind, &folder).exists() {
            true => (kind, arguments),
            false => (Kind::Agent, again(Kind::Agent)),
        };
        let program = program_of(kind, &folder);
        if let Err(error) = start_in_session(session, &program, arguments) {
            failure = Some(error);
        }
    }
    failure.map_or(Ok(()), |error| Err(failed(WHAT)(error)))
}

/// Where it did not run, the settings decide whether it does; and where it does, nothing is shown.
const AT_LOG_ON: &[&str] = &["--autostart"];

/// How to start what ran before.
fn again(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Agent => &["run"],
        Kind::Desktop => &[],
    }
}

/// Sessions in which somebody may be logged on.
fn with_users() -> io::Result<Vec<u32>> {
    let mut all = sessions()?;
    let this = this_session()?;
    if !all.contains(&this) {
        all.push(this);
    }
    all.retain(|session| *session != SERVICES);
    Ok(all)
}

/// What was noted, which then is not noted any more.
fn take_noted() -> io::Result<BTreeMap<u32, Kind>> {
    let noted = read_values(Hive::LocalMachine, STOPPED, LIMITS)?;
    let Some(noted) = noted else {
        return Ok(BTreeMap::new());
    };
    forget_noted()?;
    Ok(noted.iter().filter_map(read).collect())
}

fn read((name, value): &(String, Value)) -> Option<(u32, Kind)> {
    let session = name.parse().ok()?;
    [Kind::Agent, Kind::Desktop]
        .into_iter()
        .find(|kind| *value == Value::Text(word(*kind).to_owned()))
        .map(|kind| (session, kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_noted_is_read_and_anything_else_is_not() {
        let value = |text: &str| Value::Text(text.to_owned());
        let noted = |name: &str, text| read(&(name.to_owned(), value(text)));
        assert_eq!(noted("2", "desktop"), Some((2, Kind::Desktop)));
        assert_eq!(noted("3", "agent"), Some((3, Kind::Agent)));
        assert_eq!(noted("3", "cmd.exe"), None);
        assert_eq!(noted("x", "agent"), None);
        assert_eq!(read(&("1".to_owned(), Value::Number(1))), None);
    }
}
