//! The routes that only workstations that have proved themselves may take.

use http::StatusCode;

use crate::answer::{self, Answer};
use crate::form::Message;

/// Where a workstation's request goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// On to the provider.
    Message(Message),
    /// No further: the workstation asks whether it is known here.
    Workstation,
}

impl From<Message> for Route {
    fn from(message: Message) -> Self {
        Self::Message(message)
    }
}

impl Route {
    /// The route at this path, from the public address on.
    pub(crate) fn at(path: &str) -> Option<Self> {
        let all = [
            Message::Exchange.into(),
            Message::Revoke.into(),
            Self::Workstation,
        ];
        all.into_iter().find(|route| route.path() == path)
    }

    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Message(message) => message.path(),
            Self::Workstation => "/v1/workstation",
        }
    }

    /// In logs and metrics.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Message(message) => message.name(),
            Self::Workstation => "workstation",
        }
    }
}

/// What a workstation is told that is known here.
pub(crate) fn enrolled() -> Answer {
    let text = "{\"status\":\"enrolled\"}".to_owned();
    answer::text(StatusCode::OK, "application/json", text)
}
