use std::fmt::Write as _;

use cardea_session::{FailureCode, Snapshot};

use super::*;
use crate::testing::{self, known, snapshot, with_failure, without};
use crate::{Desktop, Kinds};

fn told(before: &Known, after: &Known) -> String {
    notifications(before, after)
        .iter()
        .fold(String::new(), |mut lines, notification| {
            let Notification {
                kind,
                title,
                body,
                offer,
            } = notification;
            let offer = offer.map_or("nothing", Offer::label);
            writeln!(lines, "  {kind:?}: {title} | {body} | {offer}").unwrap();
            lines
        })
}

/// With every kind wanted.
fn all(mut known: Known) -> Known {
    known.settings.notifications = Kinds::named([
        "signed_in",
        "signed_out",
        "expiring",
        "attention",
        "pairing",
    ]);
    known
}

fn expiring(by_idleness: bool) -> Snapshot {
    let mut snapshot = snapshot(State::Active);
    if let Some(session) = &mut snapshot.session {
        session.expiring = true;
        if !by_idleness {
            session.idle_expires_at = session.expires_at;
        }
    }
    snapshot
}

#[test]
fn each_change_that_matters_is_told() {
    let active = || all(known(snapshot(State::Active)));
    let ended = |reason| all(known(testing::after_end(State::NoCard, reason)));
    let other = {
        let mut snapshot = testing::after_end(State::Active, EndReason::Replaced);
        snapshot.session = Some(testing::session("2"));
        all(known(snapshot))
    };
    let unbound = {
        let mut snapshot = snapshot(State::Active);
        snapshot
            .session
            .iter_mut()
            .for_each(|session| session.card_bound = false);
        all(known(snapshot))
    };
    let asked = Known {
        pairings: 1,
        ..all(known(snapshot(State::NoCard)))
    };
    let card = || all(known(snapshot(State::CardPresent)));
    let no_card = || all(known(snapshot(State::NoCard)));
    let failed = |code| all(known(with_failure(State::CardPresent, code)));
    let changes = [
        ("card put in", no_card(), card()),
        (
            "reader with a card came",
            all(known(snapshot(State::NoReader))),
            card(),
        ),
        ("card taken out", card(), no_card()),
        (
            "card put in upside down",
            no_card(),
            all(known(with_failure(
                State::NoCard,
                FailureCode::CardUnreadable,
            ))),
        ),
        ("signed in", card(), active()),
        ("signed in, not card-bound", card(), unbound),
        (
            "signed out by the card",
            active(),
            ended(EndReason::CardRemoved),
        ),
        (
            "signed out by the user, card still there",
            active(),
            all(known(testing::after_end(
                State::CardPresent,
                EndReason::UserLogout,
            ))),
        ),
        ("somebody else signed in", active(), other),
        (
            "agent died in a session",
            active(),
            all(without(Agent::Restarting)),
        ),
        (
            "agent died without one",
            card(),
            all(without(Agent::Restarting)),
        ),
        ("agent is back", all(without(Agent::Restarting)), card()),
        (
            "first look at a session",
            all(without(Agent::Starting)),
            active(),
        ),
        ("expiring by idleness", active(), all(known(expiring(true)))),
        (
            "expiring by lifetime",
            active(),
            all(known(expiring(false))),
        ),
        (
            "still expiring",
            all(known(expiring(true))),
            all(known(expiring(true))),
        ),
        (
            "login failed",
            card(),
            failed(FailureCode::ProviderUnreachable),
        ),
        (
            "login failed the same way",
            failed(FailureCode::ProviderUnreachable),
            failed(FailureCode::ProviderUnreachable),
        ),
        (
            "login cancelled",
            card(),
            failed(FailureCode::LoginCancelled),
        ),
        (
            "settings wrong from the start",
            all(without(Agent::Starting)),
            failed(FailureCode::ConfigInvalid),
        ),
        ("a program asks", no_card(), asked.clone()),
        ("and goes", asked, no_card()),
    ];
    let mut table = String::new();
    for (name, before, after) in changes {
        write!(table, "{name}\n{}", told(&before, &after)).unwrap();
    }
    insta::assert_snapshot!(table);
}

#[test]
fn by_default_signing_in_is_not_told() {
    let card = known(snapshot(State::CardPresent));
    assert_eq!(told(&card, &known(snapshot(State::Active))), "");
}

#[test]
fn each_kind_can_be_switched_off() {
    let silent = |mut known: Known| {
        known.settings = Desktop {
            notifications: Kinds::named([]),
            on_insert: CardNotice::Silent,
            ..Desktop::default()
        };
        known
    };
    for (_, before) in testing::everything() {
        for (_, after) in testing::everything() {
            let after = Known {
                pairings: 3,
                ..silent(after)
            };
            assert_eq!(notifications(&before, &after), []);
        }
    }
}

#[test]
fn the_name_is_told_only_where_the_settings_say_so() {
    let card = all(known(snapshot(State::CardPresent)));
    let mut active = all(known(snapshot(State::Active)));
    assert!(!told(&card, &active).contains(testing::NAME));
    active.settings.show_name = true;
    assert!(told(&card, &active).contains(testing::NAME));
}

#[test]
fn nothing_is_told_twice() {
    for (name, known) in testing::everything() {
        assert_eq!(notifications(&known, &known), [], "{name}");
    }
}

#[test]
fn an_end_is_told_however_the_agent_is_then() {
    let active = all(known(snapshot(State::Active)));
    for (name, after) in testing::everything() {
        let told = notifications(&active, &all(after.clone()));
        let is_told = told.iter().any(|told| told.kind == Kind::SignedOut);
        assert_eq!(is_told, after.session().is_none(), "{name}");
    }
}

#[test]
fn what_was_not_done_is_told_with_why_and_what_to_do() {
    let told = refused("the agent is not running", "Start it with \"cardea run\".");
    assert_eq!(told.title, "That did not work");
    assert_eq!(
        told.body,
        "The agent is not running. Start it with \"cardea run\"."
    );
    assert_eq!(told.offer, Some(Offer::Open));
}

#[test]
fn sentences_begin_large_and_end_once() {
    for (text, sentence) in [
        ("the agent is gone", "The agent is gone."),
        (
            "Somebody is signed in already.",
            "Somebody is signed in already.",
        ),
        (" what now? ", "What now?"),
        ("it is not there", "It is not there."),
        (" Done. \n", "Done."),
        ("élan", "Élan."),
        ("état", "État."),
        ("", ""),
    ] {
        assert_eq!(texts::sentence(text), sentence);
    }
}

#[test]
fn a_program_that_asks_leads_to_the_programs() {
    let before = known(snapshot(State::NoCard));
    let after = Known {
        pairings: 1,
        ..before.clone()
    };
    let offers: Vec<_> = notifications(&before, &after)
        .into_iter()
        .map(|told| told.offer)
        .collect();
    assert_eq!(offers, [Some(Offer::OpenPrograms)]);
}
