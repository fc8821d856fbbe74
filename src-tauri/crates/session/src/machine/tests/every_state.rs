//! Every state answers every input, and the answer is the one written here.

use super::*;

/// The six states, each as it is reached in practice.
fn states() -> [(State, World); 6] {
    let mut unavailable = World::new();
    unavailable.lose_service();
    let mut no_card = World::new();
    no_card.see([reader("A", Slot::Empty)]);
    [
        (State::Unavailable, unavailable),
        (State::NoReader, World::new()),
        (State::NoCard, no_card),
        (State::CardPresent, World::with_card()),
        (State::SigningIn, World::signing_in()),
        (State::Active, World::active()),
    ]
}

type Stimulus = fn(&mut World);

/// Does `stimulus` in each of the six states and compares where it leads.
fn leads_to(name: &str, stimulus: Stimulus, expected: [State; 6]) {
    for ((from, mut world), to) in states().into_iter().zip(expected) {
        assert_eq!(world.state(), from);
        stimulus(&mut world);
        assert_eq!(world.state(), to, "{name} in {from:?}");
    }
}

fn try_login(world: &mut World, mode: LoginMode) {
    let _answered = world.log_in_as(mode, Requester::User);
}

#[test]
fn every_input_in_every_state() {
    use State::{Active, CardPresent, NoCard, NoReader, SigningIn, Unavailable};

    let same = [
        Unavailable,
        NoReader,
        NoCard,
        CardPresent,
        SigningIn,
        Active,
    ];
    let ended = [
        Unavailable,
        NoReader,
        NoCard,
        CardPresent,
        CardPresent,
        CardPresent,
    ];
    let table: [(&str, Stimulus, [State; 6]); 24] = [
        ("no reader left", |w| drop(w.see([]).clone()), [NoReader; 6]),
        (
            "an ignored reader only",
            |w| drop(w.see([reader("A", Slot::Ignored)]).clone()),
            [NoReader; 6],
        ),
        (
            "an empty reader",
            |w| drop(w.see([reader("A", Slot::Empty)]).clone()),
            [NoCard; 6],
        ),
        (
            "a mute card",
            |w| drop(w.see([reader("A", Slot::Mute)]).clone()),
            [NoCard; 6],
        ),
        (
            "a silent reader",
            |w| drop(w.see([reader("A", Slot::Unavailable)]).clone()),
            [NoCard; 6],
        ),
        (
            "the same card",
            |w| drop(w.see([reader("A", card(1))]).clone()),
            [
                CardPresent,
                CardPresent,
                CardPresent,
                CardPresent,
                SigningIn,
                Active,
            ],
        ),
        (
            "another card",
            |w| drop(w.see([reader("A", card(2))]).clone()),
            [CardPresent; 6],
        ),
        (
            "service lost",
            |w| drop(w.lose_service().clone()),
            [Unavailable; 6],
        ),
        (
            "service gone with the last reader",
            |w| {
                let gone = ReaderEvent::ServiceLost(ServiceLoss::LastReaderGone);
                w.handle(Input::Readers(gone));
            },
            [NoReader; 6],
        ),
        (
            "login",
            |w| try_login(w, LoginMode::SignIn),
            [
                Unavailable,
                SigningIn,
                SigningIn,
                SigningIn,
                SigningIn,
                Active,
            ],
        ),
        (
            "re-authenticate",
            |w| try_login(w, LoginMode::Reauthenticate),
            same,
        ),
        ("change role", |w| try_login(w, LoginMode::ChangeRole), same),
        (
            "cancel",
            |w| drop(w.command(Command::CancelLogin)),
            [
                Unavailable,
                NoReader,
                NoCard,
                CardPresent,
                CardPresent,
                Active,
            ],
        ),
        (
            "logout",
            |w| {
                drop(w.command(Command::Logout {
                    session: None,
                    by: Requester::User,
                }));
            },
            ended,
        ),
        (
            "activity",
            |w| drop(w.command(Command::Activity { os_idle: None })),
            same,
        ),
        (
            "a stale success",
            |w| {
                let success = LoginUpdate::Succeeded(Box::new(identity("1")));
                w.report(AttemptId::new("boot.a0"), success);
            },
            same,
        ),
        (
            "a stale failure",
            |w| {
                let failure = LoginUpdate::Failed(FailureCode::LoginRefused.into());
                w.report(AttemptId::new("boot.a0"), failure);
            },
            same,
        ),
        (
            "suspend",
            |w| drop(w.environment(Environment::Suspending).clone()),
            ended,
        ),
        (
            "disconnect",
            |w| drop(w.environment(Environment::Disconnected).clone()),
            [Unavailable, NoReader, NoCard, NoCard, NoCard, NoCard],
        ),
        (
            "lock",
            |w| drop(w.environment(Environment::Locked).clone()),
            same,
        ),
        (
            "settings that cannot be used",
            |w| {
                drop(
                    w.handle(Input::RulesInvalid(FailureCode::ConfigInvalid.into()))
                        .clone(),
                );
            },
            ended,
        ),
        (
            "the same settings",
            |w| drop(w.handle(Input::Rules(Box::new(rules()))).clone()),
            same,
        ),
        ("an hour", |w| drop(w.pass(3600).clone()), ended),
        ("stop", |w| drop(w.handle(Input::Stop).clone()), ended),
    ];
    for (name, stimulus, expected) in table {
        leads_to(name, stimulus, expected);
    }
}
