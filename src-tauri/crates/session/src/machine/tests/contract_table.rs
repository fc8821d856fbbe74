//! Each row of the tables in the contract, section 3.2, and the rules of section 3.3.

use super::*;

// The states when nobody is signed in.

#[test]
fn unavailable_while_the_service_cannot_be_reached() {
    let mut world = World::with_card();
    world.lose_service();
    assert_eq!(world.state(), State::Unavailable);
    assert_eq!(world.failure(), Some(FailureCode::CardServiceStopped));
    world.see([reader("A", Slot::Empty)]);
    assert_eq!(world.failure(), None);
}

#[test]
fn no_reader_when_windows_stops_the_service_with_the_last_one() {
    let mut world = World::active();
    world.handle(Input::Readers(ReaderEvent::ServiceLost(
        ServiceLoss::LastReaderGone,
    )));
    world.assert_ended(EndReason::ReaderRemoved);
    assert_eq!(world.state(), State::NoReader);
    assert_eq!(world.failure(), None);
}

#[test]
fn the_furthest_of_all_readers_that_count() {
    let mut world = World::new();
    assert_eq!(world.state(), State::NoReader);
    world.see([reader("Windows Hello", Slot::Ignored)]);
    assert_eq!(world.state(), State::NoReader);
    world.see([
        reader("Windows Hello", Slot::Ignored),
        reader("A", Slot::Empty),
    ]);
    assert_eq!(world.state(), State::NoCard);
    world.see([reader("A", Slot::Mute), reader("B", Slot::Unavailable)]);
    assert_eq!(world.state(), State::NoCard);
    world.see([reader("A", Slot::Empty), reader("B", card(1))]);
    assert_eq!(world.state(), State::CardPresent);
    assert_eq!(world.events(), [EventName::CardInserted]);
}

#[test]
fn a_card_that_cannot_be_read_is_a_failure_until_it_goes() {
    let mut world = World::new();
    world.see([reader("A", Slot::Mute)]);
    assert_eq!(world.failure(), Some(FailureCode::CardUnreadable));
    world.see([reader("A", Slot::Empty)]);
    assert_eq!(world.failure(), None);
}

// Login asked.

#[test]
fn a_login_asked_for_twice_is_the_same_attempt() {
    let mut world = World::signing_in();
    let attempt = world.attempt();
    assert_eq!(
        world.log_in_as(LoginMode::SignIn, Requester::App),
        Ok(attempt)
    );
    assert_eq!(world.last, Outcome::default());
}

#[test]
fn a_login_asked_for_when_active_is_refused_unless_it_renews() {
    let mut world = World::active();
    let asked = world.log_in_as(LoginMode::SignIn, Requester::User);
    assert_eq!(asked, Err(Refusal::AlreadySignedIn));
    world
        .log_in_as(LoginMode::ChangeRole, Requester::User)
        .unwrap();
    assert_eq!(world.state(), State::Active);
    assert!(world.snapshot().login.is_some());
}

#[test]
fn a_renewal_needs_a_session() {
    let mut world = World::with_card();
    let asked = world.log_in_as(LoginMode::Reauthenticate, Requester::User);
    assert_eq!(asked, Err(Refusal::NoSession));
}

#[test]
fn a_login_may_start_without_card_or_reader() {
    let mut world = World::new();
    world.log_in();
    assert_eq!(world.state(), State::SigningIn);

    let mut world = World::new();
    world.see([reader("A", Slot::Empty)]);
    world.log_in();
    world.see([reader("A", card(1))]);
    world.succeed("555000000001");
    assert_eq!(world.state(), State::Active);
}

#[test]
fn a_card_that_is_not_accepted_starts_no_login() {
    let mut world = World::with(Rules {
        recognise: Recognise::Known,
        ..rules()
    });
    world.see([reader("A", card(1))]);
    assert_eq!(world.failure(), Some(FailureCode::CardNotRecognised));
    let asked = world.log_in_as(LoginMode::SignIn, Requester::User);
    assert_eq!(
        asked,
        Err(Refusal::CannotSignIn(FailureCode::CardNotRecognised))
    );
    world.see([reader("A", known_card(2))]);
    assert_eq!(world.failure(), None);
    world.log_in();
}

#[test]
fn no_login_starts_while_the_card_service_is_down() {
    let mut world = World::with_card();
    world.lose_service();
    let asked = world.log_in_as(LoginMode::SignIn, Requester::User);
    assert_eq!(
        asked,
        Err(Refusal::CannotSignIn(FailureCode::CardServiceStopped))
    );
}

#[test]
fn programs_may_start_one_login_in_ten_seconds() {
    let mut world = World::with_card();
    world.log_in_as(LoginMode::SignIn, Requester::App).unwrap();
    world.fail(FailureCode::LoginRefused);
    world.pass(9);
    let asked = world.log_in_as(LoginMode::SignIn, Requester::App);
    assert_eq!(
        asked,
        Err(Refusal::RateLimited {
            retry_after: Duration::from_secs(1)
        })
    );
    world.log_in_as(LoginMode::SignIn, Requester::User).unwrap();
    world.fail(FailureCode::LoginRefused);
    world.pass(1);
    world.log_in_as(LoginMode::SignIn, Requester::App).unwrap();
}

// A card that counts leaves during an attempt.

#[test]
fn a_card_that_leaves_ends_the_attempt() {
    for gone in [
        vec![reader("A", Slot::Empty)],
        vec![reader("A", card(2))],
        vec![reader("A", Slot::Mute)],
        vec![],
    ] {
        let mut world = World::signing_in();
        let attempt = world.attempt();
        world.handle(Input::Readers(ReaderEvent::Readers(gone)));
        assert_ne!(world.state(), State::SigningIn);
        assert_eq!(world.failure(), Some(FailureCode::CardRemovedDuringLogin));
        assert_eq!(
            world.last.effects,
            [Effect::StopLogin {
                attempt: attempt.clone(),
                reason: FailureCode::CardRemovedDuringLogin,
            }]
        );
        assert_eq!(world.events()[0], EventName::LoginFailed);

        // Tokens that arrive later are revoked and sign nobody in.
        world.report(
            attempt.clone(),
            LoginUpdate::Succeeded(Box::new(identity("1"))),
        );
        let reason = FailureCode::LoginCancelled;
        assert_eq!(
            world.last.effects,
            [Effect::DiscardTokens { attempt, reason }]
        );
        assert_ne!(world.state(), State::Active);
    }
}

#[test]
fn a_lost_service_ends_the_attempt_when_a_card_was_there() {
    let mut world = World::signing_in();
    world.lose_service();
    assert_eq!(
        world.events(),
        [EventName::LoginFailed, EventName::CardRemoved]
    );
    assert_eq!(world.state(), State::Unavailable);
}

#[test]
fn a_card_that_does_not_count_leaves_the_attempt_alone() {
    let mut world = World::with(Rules {
        recognise: Recognise::Known,
        ..rules()
    });
    world.see([reader("A", known_card(1)), reader("B", card(2))]);
    world.log_in();
    world.see([reader("A", known_card(1)), reader("B", Slot::Empty)]);
    assert_eq!(world.state(), State::SigningIn);
}

// A bound card leaves.

#[test]
fn a_bound_card_that_leaves_ends_the_session_at_once() {
    for (gone, reason) in [
        (vec![reader("A", Slot::Empty)], EndReason::CardRemoved),
        (vec![reader("A", Slot::Mute)], EndReason::CardRemoved),
        (vec![reader("A", card(2))], EndReason::CardSwapped),
        (
            vec![reader("A", Slot::Unavailable)],
            EndReason::ReaderRemoved,
        ),
        (vec![], EndReason::ReaderRemoved),
        (vec![reader("A", Slot::Ignored)], EndReason::PolicyChanged),
    ] {
        let mut world = World::active();
        world.handle(Input::Readers(ReaderEvent::Readers(gone)));
        world.assert_ended(reason);
        assert!(world.events().contains(&EventName::CardRemoved));
    }
}

#[test]
fn a_lost_service_ends_the_session() {
    let mut world = World::active();
    world.lose_service();
    world.assert_ended(EndReason::CardServiceLost);
    assert_eq!(world.state(), State::Unavailable);
}

#[test]
fn the_first_of_several_bound_cards_to_leave_ends_the_session() {
    let mut world = World::new();
    world.see([reader("A", card(1)), reader("B", card(2))]);
    world.log_in();
    world.succeed("555000000001");
    assert_eq!(world.snapshot().session.unwrap().readers, ["A", "B"]);
    world.see([reader("A", card(1)), reader("B", Slot::Empty)]);
    world.assert_ended(EndReason::CardRemoved);
    assert_eq!(world.state(), State::CardPresent);
}

#[test]
fn a_card_put_back_does_not_bring_the_session_back() {
    let mut world = World::active();
    world.see([reader("A", Slot::Empty)]);
    world.see([reader("A", card(2))]);
    assert_eq!(world.state(), State::CardPresent);
    assert!(world.snapshot().session.is_none());
}

#[test]
fn another_card_has_no_effect_on_the_session() {
    let mut world = World::active();
    world.see([reader("A", card(1)), reader("B", card(2))]);
    world.assert_still_active();
    world.see([reader("A", card(1)), reader("B", Slot::Empty)]);
    world.assert_still_active();
}

// Login succeeds.

#[test]
fn a_login_without_a_readable_card_is_refused() {
    let mut world = World::new();
    let attempt = world.log_in();
    world.succeed("555000000001");
    assert_eq!(world.state(), State::NoReader);
    let reason = FailureCode::CardMissing;
    assert_eq!(world.failure(), Some(reason));
    assert_eq!(
        world.last.effects,
        [Effect::DiscardTokens { attempt, reason }]
    );
}

#[test]
fn a_login_without_smartcard_evidence_is_refused() {
    let mut world = World::signing_in();
    let attempt = world.attempt();
    world.succeed_with(Identity {
        smartcard: false,
        ..identity("555000000001")
    });
    let reason = FailureCode::SmartcardRequired;
    assert_eq!(world.failure(), Some(reason));
    assert_eq!(
        world.last.effects,
        [Effect::DiscardTokens { attempt, reason }]
    );
    assert_eq!(world.state(), State::CardPresent);
}

#[test]
fn a_login_that_succeeds_starts_a_card_bound_session() {
    let mut world = World::signing_in();
    let attempt = world.attempt();
    world.succeed("555000000001");
    let session = world.snapshot().session.unwrap();
    assert!(session.card_bound);
    assert_eq!(session.readers, ["A"]);
    assert_eq!(world.events(), [EventName::SessionStarted]);
    assert_eq!(
        world.last.effects,
        [Effect::AdoptTokens {
            attempt,
            session: session.id
        }]
    );
}

#[test]
fn the_same_user_again_keeps_the_session() {
    let mut world = World::active();
    let id = world.session_id();
    let attempt = world.reauthenticate();
    world.succeed("555000000001");
    assert_eq!(world.session_id(), id);
    assert_eq!(world.events(), [EventName::SessionChanged]);
    assert_eq!(
        world.last.effects,
        [Effect::AdoptTokens {
            attempt,
            session: id
        }]
    );
}

#[test]
fn another_user_replaces_the_session() {
    let mut world = World::active();
    let old = world.session_id();
    world.reauthenticate();
    world.succeed("555000000002");
    assert_ne!(world.session_id(), old);
    assert_eq!(
        world.events(),
        [EventName::SessionEnded, EventName::SessionStarted]
    );
    assert_eq!(world.last_reason(), Some(EndReason::Replaced));
    let ended = Effect::EndSession {
        session: old,
        reason: EndReason::Replaced,
    };
    assert_eq!(world.last.effects[0], ended);
}

#[test]
fn a_login_that_fails_leaves_the_session() {
    let mut world = World::active();
    world.reauthenticate();
    world.fail(FailureCode::LoginRefused);
    world.assert_still_active();
    assert!(world.snapshot().login.is_none());
    assert_eq!(world.events(), [EventName::LoginFailed]);
}

#[test]
fn a_login_that_waits_for_a_port_says_so_until_its_limit() {
    let mut world = World::signing_in();
    let attempt = world.attempt();
    world.report(attempt, LoginUpdate::Waiting(crate::WaitingFor::Port));
    assert_eq!(
        world.snapshot().login.unwrap().waiting,
        crate::WaitingFor::Port
    );
    world.pass(180);
    assert_eq!(world.failure(), Some(FailureCode::RedirectPortBusy));
}

#[test]
fn a_browser_that_does_not_open_is_said_and_the_attempt_goes_on() {
    let mut world = World::signing_in();
    let attempt = world.attempt();
    world.report(attempt, LoginUpdate::BrowserFailed);
    assert_eq!(world.state(), State::SigningIn);
    assert_eq!(world.failure(), Some(FailureCode::BrowserFailed));
    world.succeed("555000000001");
    assert_eq!(world.failure(), None);
}

#[test]
fn reports_of_another_attempt_are_dropped() {
    let mut world = World::signing_in();
    let stale = AttemptId::new("boot.a0");
    world.report(
        stale.clone(),
        LoginUpdate::Failed(FailureCode::LoginRefused.into()),
    );
    assert_eq!(world.last, Outcome::default());
    world.report(
        stale.clone(),
        LoginUpdate::Succeeded(Box::new(identity("1"))),
    );
    assert_eq!(
        world.last.effects,
        [Effect::DiscardTokens {
            attempt: stale,
            reason: FailureCode::LoginCancelled,
        }]
    );
    assert_eq!(world.state(), State::SigningIn);
}

// Logout.

#[test]
fn logout_during_a_login_cancels_it() {
    let mut world = World::signing_in();
    let attempt = world.attempt();
    let logout = Command::Logout {
        session: None,
        by: Requester::User,
    };
    assert_eq!(world.command(logout), Ok(Reply::Done));
    assert_eq!(world.failure(), Some(FailureCode::LoginCancelled));
    let reason = FailureCode::LoginCancelled;
    assert_eq!(world.last.effects, [Effect::StopLogin { attempt, reason }]);
}

#[test]
fn logout_ends_the_session_with_who_asked() {
    for (by, reason) in [
        (Requester::User, EndReason::UserLogout),
        (Requester::App, EndReason::AppLogout),
    ] {
        let mut world = World::active();
        world
            .command(Command::Logout { session: None, by })
            .unwrap();
        world.assert_ended(reason);
    }
}

#[test]
fn logout_of_another_session_is_refused() {
    let mut world = World::active();
    let other = Some(SessionId::new("boot.s99"));
    let asked = world.command(Command::Logout {
        session: other.clone(),
        by: Requester::App,
    });
    assert_eq!(asked, Err(Refusal::SessionMismatch));
    world.assert_still_active();

    let own = Some(world.session_id());
    let logout = Command::Logout {
        session: own.clone(),
        by: Requester::App,
    };
    assert_eq!(world.command(logout.clone()), Ok(Reply::Done));
    assert_eq!(
        world.command(logout),
        Ok(Reply::Done),
        "it has ended already"
    );
    world.log_in();
    world
        .command(Command::Logout {
            session: own,
            by: Requester::App,
        })
        .unwrap();
    assert_eq!(world.state(), State::SigningIn, "the old session was meant");
    let asked = world.command(Command::Logout {
        session: other,
        by: Requester::App,
    });
    assert_eq!(asked, Err(Refusal::SessionMismatch));
}

// Suspend, disconnect, log-off, lock.

#[test]
fn suspend_disconnect_and_log_off_end_the_session_and_any_attempt() {
    for (environment, reason) in [
        (Environment::Suspending, EndReason::Suspended),
        (Environment::Disconnected, EndReason::SessionDisconnected),
        (Environment::LoggingOff, EndReason::OsLogoff),
    ] {
        let mut world = World::active();
        world.environment(environment);
        world.assert_ended(reason);

        let mut world = World::signing_in();
        world.environment(environment);
        assert_ne!(world.state(), State::SigningIn);
        assert_eq!(world.failure(), Some(FailureCode::LoginCancelled));
    }
}

#[test]
fn while_the_desktop_is_not_active_no_login_starts_and_no_card_is_reported() {
    let mut world = World::with_card();
    world.environment(Environment::Disconnected);
    assert_eq!(world.state(), State::NoCard);
    assert!(
        world
            .snapshot()
            .readers
            .iter()
            .all(|reader| reader.card.is_none())
    );
    let asked = world.log_in_as(LoginMode::SignIn, Requester::User);
    assert_eq!(asked, Err(Refusal::DesktopNotActive));
    world.see([reader("A", card(2))]);
    assert_eq!(world.state(), State::NoCard);
    world.environment(Environment::Connected);
    assert_eq!(world.state(), State::CardPresent);
    assert_eq!(world.events(), [EventName::CardInserted]);
}

#[test]
fn the_lock_ends_a_card_bound_session_only_by_setting() {
    let mut world = World::active();
    world.environment(Environment::Locked);
    world.assert_still_active();

    world.handle(Input::Rules(Box::new(Rules {
        on_workstation_lock: OnLock::Logout,
        ..rules()
    })));
    world.environment(Environment::Unlocked);
    world.environment(Environment::Locked);
    world.assert_ended(EndReason::WorkstationLocked);
}

#[test]
fn cis2_may_end_the_session_it_names() {
    let mut world = World::active();
    world.handle(Input::RemoteLogout(SessionId::new("boot.s99")));
    world.assert_still_active();
    let id = world.session_id();
    world.handle(Input::RemoteLogout(id));
    world.assert_ended(EndReason::RemoteLogout);
}

#[test]
fn the_end_of_the_agent_ends_the_session() {
    let mut world = World::active();
    world.handle(Input::Stop);
    world.assert_ended(EndReason::AgentStopping);
}

// Rule 6: sessions that no card guards.

#[test]
fn on_removal_notify_leaves_the_session_to_lock_switch_suspend_and_a_short_idle_limit() {
    let gentle = Rules {
        on_removal: OnRemoval::Notify,
        idle_timeout: Duration::from_secs(3600),
        ..rules()
    };
    let signed_in = || {
        let mut world = World::with(gentle.clone());
        world.see([reader("A", card(1))]);
        world.log_in();
        world.succeed("555000000001");
        assert!(!world.snapshot().session.unwrap().card_bound);
        world
    };
    let mut world = signed_in();
    world.see([reader("A", Slot::Empty)]);
    world.assert_still_active();
    assert_eq!(world.events(), [EventName::CardRemoved]);
    world.lose_service();
    world.assert_still_active();
    world.pass(15 * 60);
    world.assert_ended(EndReason::IdleTimeout);

    for (environment, reason) in [
        (Environment::Locked, EndReason::WorkstationLocked),
        (Environment::Suspending, EndReason::Suspended),
        (Environment::Disconnected, EndReason::SessionDisconnected),
    ] {
        let mut world = signed_in();
        world.environment(environment);
        world.assert_ended(reason);
    }
}

#[test]
fn without_a_smartcard_where_none_is_required_the_session_is_not_card_bound() {
    let mut world = World::with(Rules {
        require_smartcard: false,
        ..rules()
    });
    world.see([reader("A", card(1))]);
    world.log_in();
    world.succeed_with(Identity {
        smartcard: false,
        ..identity("555000000001")
    });
    assert!(!world.snapshot().session.unwrap().card_bound);
}

#[test]
fn the_workstation_is_locked_at_removal_only_by_setting() {
    for (lock, expected) in [(true, 1), (false, 0)] {
        let mut world = World::with(Rules {
            lock_workstation_on_removal: lock,
            ..rules()
        });
        world.see([reader("A", card(1))]);
        world.log_in();
        world.succeed("555000000001");
        world.see([reader("A", Slot::Empty)]);
        let locks = world
            .last
            .effects
            .iter()
            .filter(|effect| **effect == Effect::LockWorkstation);
        assert_eq!(locks.count(), expected);
    }
}

#[test]
fn an_insertion_starts_a_login_by_setting() {
    let mut world = World::with(Rules {
        on_insert: OnInsert::Login,
        ..rules()
    });
    world.see([reader("A", card(1))]);
    assert_eq!(world.state(), State::SigningIn);
    world.see([reader("A", card(2))]);
    assert_eq!(
        world.state(),
        State::CardPresent,
        "one attempt in ten seconds"
    );
}

#[test]
fn the_snapshot_without_identity_has_no_user() {
    let world = World::active();
    assert!(world.snapshot().session.unwrap().user.is_some());
    let json = serde_json::to_string(&world.snapshot().without_identity()).unwrap();
    assert!(
        !json.contains("555000000001") && !json.contains("Flo"),
        "{json}"
    );
    assert!(!json.contains("null"), "{json}");
}

#[test]
fn a_card_that_comes_too_soon_is_signed_in_with_when_it_may_be() {
    let mut world = World::with(Rules {
        on_insert: OnInsert::Login,
        ..rules()
    });
    world.see([reader("A", card(1))]);
    assert_eq!(world.state(), State::SigningIn);
    world.see([reader("A", Slot::Empty)]);
    world.pass(2);
    world.see([reader("A", card(2))]);
    assert_eq!(world.state(), State::CardPresent);
    let wait = world.machine.next_deadline(world.now);
    assert_eq!(wait, Some(Duration::from_secs(8)));
    world.pass(7);
    assert_eq!(world.state(), State::CardPresent);
    world.pass(1);
    assert_eq!(world.state(), State::SigningIn);

    // Gone again, it is not waited for.
    world.see([reader("A", Slot::Empty)]);
    world.see([reader("A", card(3))]);
    world.see([reader("A", Slot::Empty)]);
    world.pass(20);
    assert_eq!(world.state(), State::NoCard);
}

#[test]
fn what_a_login_brings_is_its_own_providers() {
    let live = Provider {
        environment: ProviderEnvironment::Live,
        issuer: "https://live.example:443/oidc".to_owned(),
    };
    let moved = || {
        let provider = live.clone();
        Input::Rules(Box::new(Rules {
            provider,
            ..rules()
        }))
    };
    // Settings that change meanwhile count from the next login.
    let mut world = World::signing_in();
    world.handle(moved());
    world.succeed("555000000001");
    let snapshot = world.snapshot();
    assert_eq!(snapshot.environment, ProviderEnvironment::Int);
    assert_eq!(snapshot.issuer, "https://cis2.example:443/oidc");

    // The same id of another provider is somebody else.
    let before = world.session_id();
    world.reauthenticate();
    world.succeed("555000000001");
    world.assert_replaced(&before);
    assert_eq!(world.snapshot().environment, ProviderEnvironment::Live);
}

#[test]
fn who_is_signed_in_is_told_so_while_that_is_renewed() {
    let mut world = World::active();
    world.reauthenticate();
    let again = world.log_in_as(LoginMode::SignIn, Requester::User);
    assert_eq!(again, Err(Refusal::AlreadySignedIn));
    let joined = world.log_in_as(LoginMode::Reauthenticate, Requester::User);
    assert_eq!(joined, Ok(world.attempt()));
}
