//! What is written down of a change, after programs were told: the log, the audit and the Event
//! Log. Never who.

use cardea_local_api::{ActivityEntry, Caller, Noted};
use cardea_session::{Change, Event, FailureCode, SessionId, Snapshot, State};

use tokio::sync::oneshot;

use crate::audit::{Action, Audit};
use crate::event_log::{Entry, EventLog};

/// Writes changes down.
pub(crate) struct Record {
    audit: Audit,
    event_log: EventLog,
    card_service: CardService,
}

/// Whether PC/SC could be reached when it was last looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum CardService {
    There,
    Lost,
}

impl Record {
    pub(crate) fn new(audit: Audit, event_log: EventLog) -> Self {
        Self {
            audit,
            event_log,
            card_service: CardService::There,
        }
    }

    /// Writes down a change and what came of it; `caller` is who asked for it, when somebody did.
    pub(crate) fn change(&mut self, change: &Change, snapshot: &Snapshot, caller: Option<&Caller>) {
        let app = app_id(caller);
        for event in &change.events {
            log(event, change.revision);
            if let Some(action) = audited(event) {
                self.audit.record(&action, app);
            }
            if let Some(entry) = Entry::of(event) {
                self.event_log.write(entry);
            }
        }
        self.look_at_the_card_service(snapshot);
    }

    /// Writes down that a program took this session's tokens.
    pub(crate) fn token_release(&self, session: &SessionId, caller: &Caller) {
        let action = Action::TokenRelease {
            session: session.clone(),
        };
        self.audit.record(&action, app_id(Some(caller)));
    }

    /// Writes down what became of a program.
    pub(crate) fn noted(&self, noted: &Noted) {
        let (action, app) = match noted {
            Noted::Pairing(app) => (Action::Pairing, app),
            Noted::Grant(app) => (Action::Grant, app),
            Noted::Revocation(app) => (Action::Revocation, app),
        };
        self.audit.record(&action, Some(app));
    }

    /// Tells what was written down lately.
    pub(crate) fn tell_activity(&self, reply: oneshot::Sender<Vec<ActivityEntry>>) {
        self.audit.tell(reply);
    }

    /// Writes down that the settings cannot be used.
    pub(crate) fn policy_problem(&self) {
        let reason = FailureCode::ConfigInvalid;
        self.audit.record(&Action::PolicyProblem { reason }, None);
        self.event_log.write(Entry::PolicyProblem(reason));
    }

    /// Writes down that the last run did not end as it should.
    pub(crate) fn agent_restarted(&self) {
        tracing::warn!("the last run did not end as it should");
        self.event_log.write(Entry::AgentRestarted);
    }

    fn look_at_the_card_service(&mut self, snapshot: &Snapshot) {
        let before = std::mem::replace(&mut self.card_service, CardService::seen_in(snapshot));
        if (before, self.card_service) == (CardService::There, CardService::Lost) {
            self.event_log.write(Entry::CardServiceLost);
        }
    }
}

impl CardService {
    fn seen_in(snapshot: &Snapshot) -> Self {
        let failure = snapshot.failure.as_ref().map(|failure| failure.code);
        // A session that no card guards goes on without it.
        let lost = snapshot.state == State::Unavailable
            || failure == Some(FailureCode::CardServiceStopped);
        match lost {
            true => Self::Lost,
            false => Self::There,
        }
    }
}

/// None for Cardea's own programs.
fn app_id(caller: Option<&Caller>) -> Option<&str> {
    match caller {
        Some(Caller::App(id)) => Some(id),
        Some(Caller::OwnProgram) | None => None,
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
