//! Idle and lifetime limits on both clocks, warnings, activity.

use super::*;

/// The session as it is after `seconds` of a clock that does not count sleep, or one set back.
fn only(world: &mut World, wall: i64, monotonic: u64) {
    let wall = start().wall.unix() + wall;
    world.now = Now {
        wall: Time::from_unix(wall).unwrap(),
        monotonic: start().monotonic + Duration::from_secs(monotonic),
    };
    world.handle(Input::Timer { os_idle: None });
}

#[test]
fn a_session_without_activity_ends() {
    let mut world = World::active();
    world.pass(899);
    world.assert_still_active();
    world.pass(1);
    world.assert_ended(EndReason::IdleTimeout);
}

#[test]
fn sleep_counts_and_a_clock_set_back_helps_nobody() {
    let mut world = World::active();
    only(&mut world, 900, 0);
    world.assert_ended(EndReason::IdleTimeout);

    let mut world = World::active();
    only(&mut world, -10_000, 900);
    world.assert_ended(EndReason::IdleTimeout);

    let mut world = World::active();
    only(&mut world, 12 * 3600, 1);
    assert_ne!(world.state(), State::Active);
}

#[test]
fn activity_moves_the_idle_limit_and_never_the_lifetime() {
    let mut world = World::active();
    let ends = world.snapshot().session.unwrap().expires_at;
    for _ in 0..(12 * 3600 / 800 - 1) {
        world.pass(800);
        world.command(Command::Activity { os_idle: None }).unwrap();
        assert_eq!(world.snapshot().session.unwrap().expires_at, ends);
    }
    world.assert_still_active();
    world.pass(800);
    world.assert_ended(EndReason::LifetimeExceeded);
}

#[test]
fn moving_the_idle_limit_is_no_change() {
    let mut world = World::active();
    world.pass(60);
    let revision = world.snapshot().revision;
    world.command(Command::Activity { os_idle: None }).unwrap();
    assert_eq!(world.snapshot().revision, revision);
    let idle = world.snapshot().session.unwrap().idle_expires_at;
    assert_eq!(idle, world.now.wall.plus(Duration::from_secs(900)));
}

#[test]
fn activity_counts_once_in_thirty_seconds_and_only_when_somebody_can_be_there() {
    let idle_at = |world: &World| world.snapshot().session.unwrap().idle_expires_at;
    let mut world = World::active();
    let first = idle_at(&world);
    world.pass(29);
    world.command(Command::Activity { os_idle: None }).unwrap();
    assert_eq!(idle_at(&world), first);
    world.pass(1);
    world
        .command(Command::Activity {
            os_idle: Some(Duration::from_secs(900)),
        })
        .unwrap();
    assert_eq!(idle_at(&world), first);
    world.environment(Environment::Locked);
    world.command(Command::Activity { os_idle: None }).unwrap();
    assert_eq!(idle_at(&world), first);
    world.environment(Environment::Unlocked);
    world.command(Command::Activity { os_idle: None }).unwrap();
    assert!(idle_at(&world) > first);
}

#[test]
fn activity_comes_too_late_after_the_limit() {
    let mut world = World::active();
    world.now.wall = world.now.wall.plus(Duration::from_secs(901));
    world.now.monotonic += Duration::from_secs(901);
    let late = world.command(Command::Activity { os_idle: None });
    assert_eq!(late, Err(Refusal::NoSession));
    world.assert_ended(EndReason::IdleTimeout);
}

#[test]
fn the_end_is_announced_and_taken_back() {
    let mut world = World::active();
    world.pass(839);
    assert_eq!(world.events(), []);
    world.pass(1);
    assert_eq!(world.events(), [EventName::SessionExpiring]);
    assert!(world.snapshot().session.unwrap().expiring);
    world.pass(1);
    assert_eq!(world.events(), [], "it is announced once");
    world.command(Command::Activity { os_idle: None }).unwrap();
    assert_eq!(world.events(), [EventName::SessionExpiryWithdrawn]);
    assert!(!world.snapshot().session.unwrap().expiring);
}

/// The operating system says how long ago it saw input.
fn input_seen(world: &mut World, seconds_ago: u64) {
    let os_idle = Some(Duration::from_secs(seconds_ago));
    world.handle(Input::Timer { os_idle });
}

fn idle_at(world: &World) -> Time {
    world.snapshot().session.unwrap().idle_expires_at
}

#[test]
fn input_at_the_computer_counts_from_when_it_was_and_takes_the_warning_back() {
    let mut world = World::active();
    world.pass(850);
    assert_eq!(world.events(), [EventName::SessionExpiring]);
    input_seen(&mut world, 7);
    assert_eq!(world.events(), [EventName::SessionExpiryWithdrawn]);
    let until = world.now.wall.plus(Duration::from_secs(900 - 7));
    assert_eq!(idle_at(&world), until);
    // Older input than is known of already moves nothing.
    input_seen(&mut world, 800);
    assert_eq!(idle_at(&world), until);
    world.pass(893);
    world.assert_ended(EndReason::IdleTimeout);
}

#[test]
fn input_behind_a_lock_screen_or_after_the_limit_does_not_count() {
    let mut world = World::active();
    world.environment(Environment::Locked);
    world.pass(100);
    let before = idle_at(&world);
    input_seen(&mut world, 1);
    assert_eq!(idle_at(&world), before);

    let mut world = World::active();
    world.now.wall = world.now.wall.plus(Duration::from_secs(902));
    world.now.monotonic += Duration::from_secs(902);
    input_seen(&mut world, 1);
    world.assert_ended(EndReason::IdleTimeout);

    let mut world = World::active();
    world.now.wall = world.now.wall.plus(Duration::from_secs(902));
    world.now.monotonic += Duration::from_secs(902);
    input_seen(&mut world, 3);
    world.assert_still_active();
}

#[test]
fn input_never_moves_the_lifetime() {
    let mut world = World::active();
    let ends = world.snapshot().session.unwrap().expires_at;
    for _ in 0..(12 * 3600 / 800 - 1) {
        world.pass(800);
        input_seen(&mut world, 0);
        assert_eq!(world.snapshot().session.unwrap().expires_at, ends);
    }
    world.assert_still_active();
    world.pass(800);
    world.assert_ended(EndReason::LifetimeExceeded);
}

#[test]
fn without_a_card_fifteen_minutes_without_input_are_too_long_for_activity() {
    let mut world = World::with(Rules {
        idle_timeout: Duration::from_secs(7200),
        on_removal: OnRemoval::Notify,
        ..rules()
    });
    world.see([reader("A", card(1))]);
    world.log_in();
    world.succeed("555000000001");
    let before = idle_at(&world);
    world.pass(60);
    for (idle, counts) in [(900, false), (899, true)] {
        let os_idle = Some(Duration::from_secs(idle));
        world.command(Command::Activity { os_idle }).unwrap();
        assert_eq!(idle_at(&world) > before, counts, "{idle}");
    }
}

#[test]
fn a_limit_of_less_than_two_minutes_is_announced_at_half() {
    let mut world = World::with(Rules {
        idle_timeout: Duration::from_secs(90),
        ..rules()
    });
    world.see([reader("A", card(1))]);
    world.log_in();
    world.succeed("555000000001");
    world.pass(44);
    assert_eq!(world.events(), []);
    world.pass(1);
    assert_eq!(world.events(), [EventName::SessionExpiring]);
}

#[test]
fn the_lifetime_is_announced_a_minute_before_and_nothing_takes_it_back() {
    let mut world = World::with(Rules {
        idle_timeout: Duration::from_secs(7200),
        max_lifetime: Lifetime::Limit(Duration::from_secs(3600)),
        ..rules()
    });
    world.see([reader("A", card(1))]);
    world.log_in();
    world.succeed("555000000001");
    let expiring = |world: &mut World| {
        let events = world.events();
        events.contains(&EventName::SessionExpiring)
    };
    world.pass(3539);
    assert!(!expiring(&mut world));
    world.pass(1);
    assert!(expiring(&mut world));
    input_seen(&mut world, 0);
    assert_eq!(world.events(), []);
    world.command(Command::Activity { os_idle: None }).unwrap();
    assert_eq!(world.events(), []);
    world.pass(60);
    world.assert_ended(EndReason::LifetimeExceeded);
}

#[test]
fn another_limit_that_has_become_the_first_is_announced_too() {
    let mut world = World::with(Rules {
        max_lifetime: Lifetime::Limit(Duration::from_secs(940)),
        ..rules()
    });
    world.see([reader("A", card(1))]);
    world.log_in();
    world.succeed("555000000001");
    world.pass(839);
    assert_eq!(world.events(), []);
    world.pass(46);
    assert_eq!(world.events(), [EventName::SessionExpiring]);
    world.command(Command::Activity { os_idle: None }).unwrap();
    assert_eq!(world.events(), [EventName::SessionExpiring], "at 940 s now");
    world.pass(1);
    assert_eq!(world.events(), []);
    world.pass(54);
    world.assert_ended(EndReason::LifetimeExceeded);
}

#[test]
fn a_lifetime_bound_to_the_id_token_ends_with_it() {
    let mut world = World::with(Rules {
        max_lifetime: Lifetime::IdToken,
        idle_timeout: Duration::from_secs(7200),
        ..rules()
    });
    world.see([reader("A", card(1))]);
    world.log_in();
    world.succeed("555000000001");
    world.pass(3599);
    world.assert_still_active();
    world.pass(1);
    world.assert_ended(EndReason::LifetimeExceeded);
}

#[test]
fn an_id_token_about_to_expire_is_announced_once_per_token() {
    let mut world = World::with(Rules {
        idle_timeout: Duration::from_secs(7200),
        ..rules()
    });
    world.see([reader("A", card(1))]);
    world.log_in();
    world.succeed("555000000001");
    world.pass(3299);
    assert_eq!(world.events(), []);
    world.pass(1);
    assert_eq!(world.events(), [EventName::TokensExpiring]);
    world.pass(1);
    assert_eq!(world.events(), []);
}

#[test]
fn tokens_are_given_out_until_the_id_token_expires_by_either_clock() {
    let begin = || {
        let mut world = World::with(Rules {
            idle_timeout: Duration::from_secs(7200),
            ..rules()
        });
        world.see([reader("A", card(1))]);
        assert_eq!(world.command(Command::Tokens), Err(Refusal::NoSession));
        world.log_in();
        assert_eq!(world.command(Command::Tokens), Err(Refusal::NoSession));
        world.succeed("555000000001");
        world
    };
    let mut world = begin();
    let session = world.snapshot().session.unwrap().id;
    world.pass(3599);
    assert_eq!(world.command(Command::Tokens), Ok(Reply::TokensOf(session)));
    world.pass(1);
    assert_eq!(world.command(Command::Tokens), Err(Refusal::TokenExpired));
    // A clock that was set back does not bring it back.
    let mut world = begin();
    world.now.monotonic += Duration::from_secs(3600);
    world.now.wall = world.now.wall.minus(Duration::from_secs(3600));
    assert_eq!(world.command(Command::Tokens), Err(Refusal::TokenExpired));
}

#[test]
fn a_login_ends_at_its_limit() {
    let mut world = World::signing_in();
    let attempt = world.attempt();
    world.pass(179);
    assert_eq!(world.state(), State::SigningIn);
    world.pass(1);
    assert_eq!(world.failure(), Some(FailureCode::LoginTimedOut));
    let reason = FailureCode::LoginTimedOut;
    assert_eq!(world.last.effects, [Effect::StopLogin { attempt, reason }]);
}

#[test]
fn the_next_deadline_is_when_something_happens_next() {
    let mut world = World::with_card();
    assert_eq!(world.machine.next_deadline(world.now), None);
    world.log_in();
    assert_eq!(
        world.machine.next_deadline(world.now),
        Some(Duration::from_secs(180))
    );
    world.succeed("555000000001");
    assert_eq!(
        world.machine.next_deadline(world.now),
        Some(Duration::from_secs(840))
    );
    world.pass(840);
    assert_eq!(
        world.machine.next_deadline(world.now),
        Some(Duration::from_secs(60))
    );
}
