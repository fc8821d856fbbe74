//! Why something was not done, as the page shows it.

use std::io;

use cardea_client::ClientError;
use serde::Serialize;

/// What the page is told when a command does not succeed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Failure {
    /// Tells one kind from another.
    pub(crate) code: String,
    /// What happened, for the clinician.
    pub(crate) message: String,
    /// What to do.
    pub(crate) remedy: String,
}

/// What a command gives the page.
pub(crate) type Answer<T> = Result<T, Failure>;

impl Failure {
    /// The program beside this one did not do it; `said` is its one line, which says what to do.
    pub(super) fn of_tool(said: &str) -> Self {
        Self {
            code: "tool_failed".to_owned(),
            message: sentence(said),
            remedy: "If it stays, give this text to the help desk.".to_owned(),
        }
    }

    /// The program beside this one cannot be run.
    pub(super) fn no_tool(error: &io::Error) -> Self {
        Self {
            code: "tool_missing".to_owned(),
            message: sentence(&format!("part of Cardea cannot be run: {error}")),
            remedy: "Ask IT to repair the installation of Cardea.".to_owned(),
        }
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        let code = if let ClientError::Problem(problem) = &error {
            problem.code.as_str()
        } else if let ClientError::NotRunning(_) = &error {
            "agent_not_running"
        } else {
            "agent_unreachable"
        };
        Self {
            code: code.to_owned(),
            message: sentence(&error.to_string()),
            remedy: sentence(error.remedy()),
        }
    }
}

/// What programs write in a line, as people read it.
fn sentence(said: &str) -> String {
    let said = said.trim();
    let mut letters = said.chars();
    let first = letters.next().map(char::to_uppercase);
    let mut sentence: String = first.into_iter().flatten().chain(letters).collect();
    if !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_a_sentence() {
        assert_eq!(sentence("it is not there"), "It is not there.");
        assert_eq!(sentence(" Done. \n"), "Done.");
        assert_eq!(sentence("état"), "État.");
    }

    #[test]
    fn an_agent_that_is_not_there_is_told_from_others() {
        let gone = ClientError::NotRunning(io::ErrorKind::NotFound.into());
        assert_eq!(Failure::from(gone).code, "agent_not_running");
        assert_eq!(Failure::from(ClientError::Closed).code, "agent_unreachable");
    }
}
