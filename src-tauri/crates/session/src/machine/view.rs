//! The machine as programs see it.

use super::{Machine, Phase};
use crate::{
    CardView, Failure, FailureCode, LoginView, Reader, ReaderStateView, ReaderView, Rules,
    SessionView, Slot, Snapshot, State,
};

use super::session::Session;

impl Machine {
    /// The snapshot, with `idle_expires_at` as if nobody had been active: two of these differ
    /// exactly when programs must be told.
    pub(super) fn document(&self) -> Snapshot {
        let provider = match &self.phase {
            Phase::Active(session, _) => &session.provider,
            Phase::SignedOut | Phase::SigningIn(_) => &self.rules.provider,
        };
        Snapshot {
            boot: self.ids.boot().clone(),
            revision: self.revision,
            environment: provider.environment,
            issuer: provider.issuer.clone(),
            state: self.state(),
            since: self.since,
            readers: self.cards.readers().iter().map(reader_view).collect(),
            login: self.attempt().map(|attempt| LoginView {
                attempt: attempt.id.clone(),
                started_at: attempt.started_at,
                waiting: attempt.waiting,
            }),
            session: self
                .session()
                .map(|session| session_view(session, &self.rules)),
            last_end: self.last_end.clone(),
            failure: self.failure(),
        }
    }

    /// The most lasting of the things that are wrong.
    fn failure(&self) -> Option<Failure> {
        let browser = self.attempt().is_some_and(|attempt| attempt.browser_failed);
        let lasting = self
            .troubles
            .rules
            .clone()
            .or_else(|| self.troubles.standing.clone());
        lasting
            .or_else(|| {
                self.cards
                    .service_stopped()
                    .then(|| FailureCode::CardServiceStopped.into())
            })
            .or_else(|| browser.then(|| FailureCode::BrowserFailed.into()))
            .or_else(|| self.troubles.last.clone())
            .or_else(|| self.card_failure().map(Failure::new))
    }

    fn card_failure(&self) -> Option<FailureCode> {
        match self.state() {
            State::NoCard | State::CardPresent | State::SigningIn => {}
            State::Unavailable | State::NoReader | State::Active | State::Unknown => return None,
        }
        if self.cards.only_unaccepted(&self.rules) {
            return Some(FailureCode::CardNotRecognised);
        }
        let unreadable = self.cards.has_mute() && self.cards.present().next().is_none();
        unreadable.then_some(FailureCode::CardUnreadable)
    }
}

fn session_view(session: &Session, rules: &Rules) -> SessionView {
    let identity = &session.identity;
    SessionView {
        id: session.id.clone(),
        started_at: session.started_at(),
        expires_at: session.lifetime_deadline(rules).wall,
        idle_expires_at: session.started_at(),
        id_token_expires_at: identity.id_token_expires_at,
        expiring: session.expiring.is_some(),
        card_bound: session.binding.is_bound(),
        readers: session.binding.readers().map(ToString::to_string).collect(),
        acr: identity.acr.clone(),
        amr: identity.amr.clone(),
        auth_time: identity.auth_time,
        authentication_assurance_level: identity.authentication_assurance_level,
        id_assurance_level: identity.id_assurance_level,
        user: Some(identity.user.clone()),
    }
}

fn reader_view(reader: &Reader) -> ReaderView {
    let (state, card) = match &reader.slot {
        Slot::Empty => (ReaderStateView::Empty, None),
        Slot::Mute => (ReaderStateView::Mute, None),
        Slot::Unavailable => (ReaderStateView::Unavailable, None),
        Slot::Ignored => (ReaderStateView::Ignored, None),
        Slot::Present(card) => {
            let view = CardView {
                recognised: card.known_as.is_some(),
                name: card.known_as.clone(),
            };
            (ReaderStateView::Present, Some(view))
        }
    };
    ReaderView {
        name: reader.name.to_string(),
        state,
        card,
    }
}
