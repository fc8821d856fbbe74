//! `cardea status --all-sessions`.

use std::collections::BTreeSet;
use std::fmt;
use std::io::Write;
use std::time::{Duration, Instant};

use cardea_win32::sessions::start_in_session;
use serde::Serialize;

use super::failed;
use super::programs::{Kind, SERVICES, agent, look};
use crate::failure::{CommandError, SOMEBODY_SIGNED_IN};
use crate::output::json;

const WHAT: &str = "cannot look into other sessions";

/// For all sessions to answer.
const LIMIT: Duration = Duration::from_secs(10);

/// A session in which an agent runs. Whose it is, is not said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
struct SessionStatus {
    session: u32,
    state: SignedIn,
}

/// Whether somebody is signed in there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum SignedIn {
    Nobody,
    Somebody,
    /// The session did not tell.
    Unknown,
}

impl fmt::Display for SignedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nobody => "nobody is signed in",
            Self::Somebody => "somebody is signed in",
            Self::Unknown => "does not tell whether somebody is signed in",
        })
    }
}

pub(crate) fn status(as_json: bool, out: &mut dyn Write) -> Result<(), CommandError> {
    let programs = look().map_err(failed(WHAT))?;
    let agents = programs.ours.iter();
    let sessions: BTreeSet<u32> = agents
        .filter(|program| program.kind == Kind::Agent && program.session != SERVICES)
        .map(|program| program.session)
        .collect();
    let all = ask(sessions)?;
    if as_json {
        json::pretty(&all, out)?;
    } else {
        for SessionStatus { session, state } in &all {
            writeln!(out, "session {session}: {state}")?;
        }
    }
    judge(&all, programs.unknown)
}

/// Asks side by side.
fn ask(sessions: BTreeSet<u32>) -> Result<Vec<SessionStatus>, CommandError> {
    let agent = agent().map_err(failed(WHAT))?;
    let until = Instant::now() + LIMIT;
    let errands: Vec<_> = sessions
        .into_iter()
        .map(|session| {
            (
                session,
                start_in_session(session, &agent, &["errand", "status"]),
            )
        })
        .collect();
    let status = |(session, errand): (u32, std::io::Result<_>)| {
        let errand: Option<cardea_win32::sessions::Running> = errand.ok();
        let remaining = until.saturating_duration_since(Instant::now());
        let code = errand.and_then(|errand| errand.wait(remaining).ok().flatten());
        let state = match code {
            Some(0) => SignedIn::Nobody,
            Some(code) if code == u32::from(SOMEBODY_SIGNED_IN) => SignedIn::Somebody,
            Some(_) | None => SignedIn::Unknown,
        };
        SessionStatus { session, state }
    };
    Ok(errands.into_iter().map(status).collect())
}

/// Somebody who is known to be signed in counts before those who are not known.
fn judge(all: &[SessionStatus], unknown: usize) -> Result<(), CommandError> {
    let of = |wanted| all.iter().filter(|status| status.state == wanted).count();
    match (of(SignedIn::Somebody), of(SignedIn::Unknown) + unknown) {
        (0, 0) => Ok(()),
        (0, count) => Err(CommandError::SessionsUnknown { count }),
        (count, _) => Err(CommandError::SomebodySignedIn { count }),
    }
}

#[cfg(test)]
mod tests {
    use std::process::ExitCode;

    use super::*;

    fn code(states: &[SignedIn], unknown: usize) -> ExitCode {
        let all: Vec<_> = (1..)
            .zip(states)
            .map(|(session, state)| SessionStatus {
                session,
                state: *state,
            })
            .collect();
        judge(&all, unknown).map_or_else(|error| error.exit_code(), |()| ExitCode::SUCCESS)
    }

    #[test]
    fn only_when_nobody_is_signed_in_for_certain_it_may_begin() {
        use SignedIn::{Nobody, Somebody, Unknown};
        assert_eq!(code(&[], 0), ExitCode::SUCCESS);
        assert_eq!(code(&[Nobody, Nobody], 0), ExitCode::SUCCESS);
        assert_eq!(code(&[Nobody, Somebody], 1), ExitCode::from(4));
        assert_eq!(code(&[Nobody, Unknown], 0), ExitCode::from(1));
        assert_eq!(code(&[Nobody], 1), ExitCode::from(1));
    }
}
