//! What is written down of a change, after programs were told: the log and the audit. Never who.

use cardea_local_api::Caller;
use cardea_session::{Change, Event, FailureCode};

use crate::audit::{Action, Audit};

/// Writes changes down.
pub(crate) struct Record {
    audit: Audit,
}

impl Record {
    pub(crate) fn new(audit: Audit) -> Self {
        Self { audit }
    }

    /// Writes down a change; `caller` is who asked for it, when somebody did.
    pub(crate) fn change(&self, change: &Change, caller: Option<&Caller>) {
        let app = match caller {
            Some(Caller::App(id)) => Some(id.as_str()),
            Some(Caller::OwnProgram) | None => None,
        };
        for event in &change.events {
            log(event, change.revision);
            if let Some(action) = audited(event) {
                self.audit.record(&action, app);
            }
        }
    }

    /// Writes down that the settings cannot be used.
    pub(crate) fn policy_problem(&self) {
        let reason = FailureCode::ConfigInvalid;
        self.audit.record(&Action::PolicyProblem { reason }, None);
    }
}

fn audited(event: &Event) -> Option<Action> {
    match event {
        Event::SessionStarted { session } => Some(Action::SessionStarted {
            session: session.clone(),
        }),
        Event::SessionEnded { session, reason } => Some(Action::SessionEnded {
            session: session.clone(),
            reason: *reason,
        }),
        Event::LoginFailed { code, .. } => Some(Action::LoginRefused { reason: *code }),
        Event::SessionChanged { .. }
        | Event::SessionExpiring { .. }
        | Event::SessionExpiryWithdrawn { .. }
        | Event::LoginStarted { .. }
        | Event::TokensExpiring { .. }
        | Event::CardInserted { .. }
        | Event::CardRemoved { .. } => None,
    }
}

fn log(event: &Event, revision: u64) {
    let name = event.name().as_str();
    match event {
        Event::SessionStarted { session } | Event::SessionExpiryWithdrawn { session } => {
            tracing::info!(revision, %session, "{name}");
        }
        Event::SessionChanged { session } => tracing::info!(revision, %session, "{name}"),
        Event::SessionExpiring {
            session,
            expires_at,
            reason,
        } => {
            tracing::info!(revision, %session, %expires_at, %reason, "{name}");
        }
        Event::SessionEnded { session, reason } => {
            tracing::info!(revision, %session, %reason, "{name}");
        }
        Event::LoginStarted { attempt } => tracing::info!(revision, %attempt, "{name}"),
        Event::LoginFailed { attempt, code } => {
            tracing::info!(revision, %attempt, %code, "{name}");
        }
        Event::TokensExpiring {
            session,
            expires_at,
        } => {
            tracing::info!(revision, %session, %expires_at, "{name}");
        }
        Event::CardInserted { reader } | Event::CardRemoved { reader } => {
            tracing::info!(revision, %reader, "{name}");
        }
    }
}
