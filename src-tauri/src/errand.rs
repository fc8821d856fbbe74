//! What the user asked for, carried out at the agent.

use cardea_client::session::LoginMode;
use cardea_client::{Client, ClientError};
use cardea_desktop_model::{Notification, refused};

/// Something to do at the agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Errand {
    SignIn,
    ChangeRole,
    Cancel,
    SignOut,
    StaySignedIn,
}

impl Errand {
    /// Does it. The user is told why not, when it cannot be done.
    pub(crate) async fn run(self, client: Client) -> Option<Notification> {
        let done = match self {
            Self::SignIn => client.login(LoginMode::SignIn).await.map(drop),
            Self::ChangeRole => client.login(LoginMode::ChangeRole).await.map(drop),
            Self::Cancel => client.cancel().await,
            Self::SignOut => client.logout(None).await,
            Self::StaySignedIn => client.activity().await,
        };
        let error = done.err()?;
        tracing::warn!(errand = ?self, %error, "what the user asked for was not done");
        let (what, remedy) = told(&error);
        Some(refused(&what, &remedy))
    }
}

/// What happened and what to do, for the clinician: without codes and commands, which are for the
/// help desk.
pub(crate) fn told(error: &ClientError) -> (String, String) {
    if let ClientError::Problem(problem) = error {
        return (problem.detail.clone(), error.remedy().to_owned());
    }
    if let ClientError::NotRunning(_) = error {
        let (what, remedy) = cardea_desktop_model::messages::NOT_RUNNING;
        return (what.to_owned(), remedy.to_owned());
    }
    (error.to_string(), error.remedy().to_owned())
}
