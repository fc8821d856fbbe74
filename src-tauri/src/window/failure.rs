//! Why something was not done, as the page shows it.

use cardea_client::ClientError;
use cardea_desktop_model::sentence;
use serde::Serialize;

use crate::errand::told;
use crate::tools::ToolError;

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
    /// As much of this as there may be is under way.
    pub(super) fn busy() -> Self {
        Self {
            code: "busy".to_owned(),
            message: "Cardea is still busy with what was asked before.".to_owned(),
            remedy: "Wait until it is done, and try again.".to_owned(),
        }
    }

    /// The user did not want it.
    pub(super) fn not_wanted() -> Self {
        Self {
            code: "not_wanted".to_owned(),
            message: "Nothing was changed.".to_owned(),
            remedy: "Choose again, and answer the question with yes.".to_owned(),
        }
    }
}

impl From<ToolError> for Failure {
    fn from(error: ToolError) -> Self {
        let code = match &error {
            ToolError::Missing(_) => "tool_missing",
            ToolError::Failed(_) => "tool_failed",
        };
        Self {
            code: code.to_owned(),
            message: sentence(&error.to_string()),
            remedy: error.remedy().to_owned(),
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
        let (what, remedy) = told(&error);
        Self {
            code: code.to_owned(),
            message: sentence(&what),
            remedy: sentence(&remedy),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn an_agent_that_is_not_there_is_told_from_others() {
        let gone = ClientError::NotRunning(io::ErrorKind::NotFound.into());
        assert_eq!(Failure::from(gone).code, "agent_not_running");
        assert_eq!(Failure::from(ClientError::Closed).code, "agent_unreachable");
    }
}
