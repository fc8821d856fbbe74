//! Snapshots as an agent would send them.

use cardea_session::{
    AttemptId, Boot, EndReason, FailureCode, LastEnd, LoginView, ProviderEnvironment, SessionId,
    SessionView, Snapshot, State, Time, User, WaitingFor,
};

use crate::{Agent, Desktop, Known};

pub(crate) const NAME: &str = "Alex Ferris";

pub(crate) fn time(minute: i64) -> Time {
    Time::from_unix(1_767_603_600 + minute * 60).unwrap()
}

pub(crate) fn snapshot(state: State) -> Snapshot {
    Snapshot {
        boot: Boot::new("boot"),
        revision: 1,
        environment: ProviderEnvironment::Live,
        issuer: "https://cis2.example".to_owned(),
        state,
        since: time(0),
        readers: Vec::new(),
        login: (state == State::SigningIn).then(|| login(WaitingFor::Browser)),
        session: (state == State::Active).then(|| session("1")),
        last_end: None,
        failure: None,
    }
}

pub(crate) fn login(waiting: WaitingFor) -> LoginView {
    LoginView {
        attempt: AttemptId::new("boot-a1"),
        started_at: time(0),
        waiting,
    }
}

pub(crate) fn session(id: &str) -> SessionView {
    SessionView {
        id: SessionId::new(id),
        started_at: time(0),
        expires_at: time(720),
        idle_expires_at: time(15),
        id_token_expires_at: time(60),
        expiring: false,
        card_bound: true,
        readers: Vec::new(),
        acr: None,
        amr: Vec::new(),
        auth_time: time(0),
        authentication_assurance_level: 3,
        id_assurance_level: 3,
        user: Some(User {
            id: "555000000001".to_owned(),
            name: Some(NAME.to_owned()),
            given_name: None,
            family_name: None,
            selected_roleid: None,
            roles: Vec::new(),
        }),
    }
}

pub(crate) fn with_failure(state: State, code: FailureCode) -> Snapshot {
    Snapshot {
        failure: Some(code.into()),
        ..snapshot(state)
    }
}

pub(crate) fn after_end(state: State, reason: EndReason) -> Snapshot {
    Snapshot {
        last_end: Some(LastEnd {
            session_id: SessionId::new("1"),
            reason,
            at: time(5),
        }),
        ..snapshot(state)
    }
}

pub(crate) fn known(snapshot: Snapshot) -> Known {
    Known {
        agent: Agent::Running(Box::new(snapshot)),
        pairings: 0,
        settings: Desktop::default(),
    }
}

pub(crate) fn without(agent: Agent) -> Known {
    Known {
        agent,
        ..Known::nothing()
    }
}

/// Everything that the tray can show, by name.
pub(crate) fn everything() -> Vec<(&'static str, Known)> {
    let active = snapshot(State::Active);
    let in_session = |change: fn(&mut SessionView)| {
        let mut snapshot = snapshot(State::Active);
        snapshot.session.iter_mut().for_each(change);
        known(snapshot)
    };
    let mut named = known(active.clone());
    named.settings.show_name = true;
    named.settings.allow_quit = false;
    let asked = |state| Known {
        pairings: 2,
        ..known(snapshot(state))
    };
    let waiting = |waiting| Snapshot {
        login: Some(login(waiting)),
        ..snapshot(State::SigningIn)
    };
    vec![
        ("agent starting", without(Agent::Starting)),
        ("agent restarting", without(Agent::Restarting)),
        ("agent down", without(Agent::Down)),
        (
            "no card service",
            known(with_failure(
                State::Unavailable,
                FailureCode::CardServiceStopped,
            )),
        ),
        ("no reader", known(snapshot(State::NoReader))),
        ("no card", known(snapshot(State::NoCard))),
        ("no card in a test environment", {
            let environment = ProviderEnvironment::Simulated;
            known(Snapshot {
                environment,
                ..snapshot(State::NoCard)
            })
        }),
        ("card", known(snapshot(State::CardPresent))),
        (
            "card, login cancelled",
            known(with_failure(
                State::CardPresent,
                FailureCode::LoginCancelled,
            )),
        ),
        (
            "card, CIS2 not reached",
            known(with_failure(
                State::CardPresent,
                FailureCode::ProviderUnreachable,
            )),
        ),
        ("card, programs ask", asked(State::CardPresent)),
        ("signing in, browser", known(snapshot(State::SigningIn))),
        ("signing in, port", known(waiting(WaitingFor::Port))),
        ("signing in, provider", known(waiting(WaitingFor::Provider))),
        ("signed in", known(active.clone())),
        ("signed in, name shown, quitting not allowed", named),
        (
            "signed in, not card-bound",
            in_session(|session| session.card_bound = false),
        ),
        (
            "signed in, expiring",
            in_session(|session| session.expiring = true),
        ),
        (
            "signed in, changing role",
            known(Snapshot {
                login: Some(login(WaitingFor::Browser)),
                ..active
            }),
        ),
        (
            "signed in, port busy",
            known(with_failure(State::Active, FailureCode::ApiPortBusy)),
        ),
        ("signed in, programs ask", asked(State::Active)),
        (
            "settings wrong",
            known(with_failure(State::NoReader, FailureCode::ConfigInvalid)),
        ),
        ("a newer agent", known(snapshot(State::Unknown))),
    ]
}
