//! Snapshots and changes for tests.

use cardea_session::{
    Boot, Change, Event, ProviderEnvironment, SessionId, SessionView, Snapshot, State, Time, User,
};

pub(crate) fn time() -> Time {
    Time::parse("2026-01-05T09:00:00.123Z").unwrap()
}

pub(crate) fn snapshot(revision: u64) -> Snapshot {
    Snapshot {
        boot: Boot::new("boot"),
        revision,
        environment: ProviderEnvironment::Int,
        issuer: "https://cis2.example:443/oidc".to_owned(),
        state: State::Active,
        since: time(),
        readers: Vec::new(),
        login: None,
        session: Some(session()),
        last_end: None,
        failure: None,
    }
}

fn session() -> SessionView {
    SessionView {
        id: SessionId::new("boot.s1"),
        started_at: time(),
        expires_at: time(),
        idle_expires_at: time(),
        id_token_expires_at: time(),
        expiring: false,
        card_bound: true,
        readers: vec!["Reader 00".to_owned()],
        acr: Some("AAL3_ANY".to_owned()),
        amr: vec!["N3_SMARTCARD".to_owned()],
        auth_time: time(),
        authentication_assurance_level: 3,
        id_assurance_level: 3,
        user: Some(User {
            id: "555000000001".to_owned(),
            name: Some("Somebody".to_owned()),
            given_name: None,
            family_name: None,
            selected_roleid: None,
            roles: Vec::new(),
        }),
    }
}

pub(crate) fn change(revision: u64, events: Vec<Event>) -> Change {
    Change {
        revision,
        at: time(),
        events,
    }
}
