//! Settings that change while the agent runs.

use super::*;

fn change(world: &mut World, rules: Rules) {
    world.handle(Input::Rules(Box::new(rules)));
}

#[test]
fn settings_that_cannot_be_used_end_the_session_and_sign_nobody_in() {
    let mut world = World::active();
    world.handle(Input::RulesInvalid(FailureCode::ConfigInvalid.into()));
    world.assert_ended(EndReason::PolicyChanged);
    assert_eq!(world.failure(), Some(FailureCode::ConfigInvalid));
    let asked = world.log_in_as(LoginMode::SignIn, Requester::User);
    assert_eq!(
        asked,
        Err(Refusal::CannotSignIn(FailureCode::ConfigInvalid))
    );
    change(&mut world, rules());
    assert_eq!(world.failure(), Some(FailureCode::PolicyChanged));
    world.log_in();
    assert_eq!(world.failure(), None);
}

#[test]
fn a_session_that_no_card_guards_ends_when_removal_must_end_sessions() {
    let gentle = Rules {
        on_removal: OnRemoval::Notify,
        ..rules()
    };
    let mut world = World::with(gentle);
    world.see([reader("A", card(1))]);
    world.log_in();
    world.succeed("555000000001");
    change(&mut world, rules());
    world.assert_ended(EndReason::PolicyChanged);
}

#[test]
fn a_session_whose_card_is_not_accepted_any_more_ends() {
    let mut world = World::active();
    change(
        &mut world,
        Rules {
            recognise: Recognise::Known,
            ..rules()
        },
    );
    world.assert_ended(EndReason::PolicyChanged);
}

#[test]
fn a_session_without_smartcard_ends_when_one_is_required() {
    let mut world = World::with(Rules {
        require_smartcard: false,
        ..rules()
    });
    world.log_in();
    world.succeed_with(Identity {
        smartcard: false,
        ..identity("555000000001")
    });
    change(&mut world, rules());
    world.assert_ended(EndReason::PolicyChanged);
}

#[test]
fn a_shorter_limit_acts_at_once() {
    let mut world = World::active();
    world.pass(100);
    change(
        &mut world,
        Rules {
            idle_timeout: Duration::from_secs(60),
            ..rules()
        },
    );
    world.assert_ended(EndReason::IdleTimeout);
}

#[test]
fn the_provider_of_a_running_session_stays_what_it_was() {
    let mut world = World::active();
    let live = Provider {
        environment: ProviderEnvironment::Live,
        issuer: "https://live.example:443/".to_owned(),
    };
    change(
        &mut world,
        Rules {
            provider: live,
            ..rules()
        },
    );
    assert_eq!(world.snapshot().environment, ProviderEnvironment::Int);
    world.see([]);
    assert_eq!(world.snapshot().environment, ProviderEnvironment::Live);
}

#[test]
fn a_part_that_fails_is_shown_until_it_is_well_again() {
    let mut world = World::with_card();
    world.handle(Input::Standing(Some(FailureCode::ApiPortBusy.into())));
    assert_eq!(world.failure(), Some(FailureCode::ApiPortBusy));
    world.handle(Input::Standing(None));
    assert_eq!(world.failure(), None);
}

#[test]
fn each_change_has_the_next_revision_and_no_change_has_none() {
    let mut world = World::with_card();
    assert_eq!(world.snapshot().revision, 1);
    world.see([reader("A", card(1))]);
    assert_eq!(world.last.change, None);
    world.log_in();
    let Some(Change { revision, at, .. }) = world.last.change else {
        panic!("a login that starts is a change");
    };
    assert_eq!((revision, at), (2, world.now.wall));
}
