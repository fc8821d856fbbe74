//! Random sequences of everything that can happen, with what must hold after each step.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};

use super::*;

/// What is really in the readers, independent of what the machine makes of it.
#[derive(Clone, Debug, Default)]
struct Desk {
    readers: BTreeMap<u8, Content>,
    service_down: bool,
    insertions: u64,
}

#[derive(Clone, Copy, Debug)]
enum Content {
    Nothing,
    Card(u64),
    Mute,
}

#[derive(Clone, Debug)]
enum Move {
    Plug(u8),
    Unplug(u8),
    Insert(u8),
    Remove(u8),
    InsertMute(u8),
    StopService,
    StartService,
    LogIn(LoginMode, Requester),
    Cancel,
    LogOut(Requester),
    Activity,
    Succeed {
        subject: u8,
        stale: bool,
        smartcard: bool,
    },
    Fail {
        stale: bool,
    },
    Pass {
        seconds: u32,
    },
    Sleep {
        seconds: u32,
    },
    SetBack {
        seconds: u32,
    },
    Environment(Environment),
    Rules {
        gentle: bool,
        required: bool,
    },
    BadRules,
    RemoteLogout,
    Stop,
}

impl Desk {
    fn present(&self) -> BTreeSet<u64> {
        if self.service_down {
            return BTreeSet::new();
        }
        self.readers
            .values()
            .filter_map(|content| match content {
                Content::Card(insertion) => Some(*insertion),
                Content::Nothing | Content::Mute => None,
            })
            .collect()
    }

    fn report(&self) -> ReaderEvent {
        if self.service_down {
            return ReaderEvent::ServiceLost(ServiceLoss::Stopped);
        }
        let show = |(name, content): (&u8, &Content)| {
            let slot = match content {
                Content::Nothing => Slot::Empty,
                Content::Card(insertion) => card(*insertion),
                Content::Mute => Slot::Mute,
            };
            reader(&format!("reader {name}"), slot)
        };
        ReaderEvent::Readers(self.readers.iter().map(show).collect())
    }

    fn put(&mut self, name: u8, content: Content) {
        if let Some(slot) = self.readers.get_mut(&name) {
            *slot = content;
        }
    }
}

fn environments() -> impl Strategy<Value = Environment> {
    prop_oneof![
        1 => Just(Environment::Suspending),
        1 => Just(Environment::Locked),
        1 => Just(Environment::Unlocked),
        1 => Just(Environment::Disconnected),
        4 => Just(Environment::Connected),
        1 => Just(Environment::LoggingOff),
    ]
}

impl ReferenceStateMachine for Desk {
    type State = Self;
    type Transition = Move;

    fn init_state() -> BoxedStrategy<Self> {
        Just(Self::default()).boxed()
    }

    fn transitions(_: &Self) -> BoxedStrategy<Move> {
        let mode = prop_oneof![
            3 => Just(LoginMode::SignIn),
            1 => Just(LoginMode::Reauthenticate),
            1 => Just(LoginMode::ChangeRole),
        ];
        let by = prop_oneof![Just(Requester::User), Just(Requester::App)];
        let seconds = prop_oneof![0..60u32, 60..1_000u32, 1_000..50_000u32];
        prop_oneof![
            3 => (0..3u8).prop_map(Move::Plug),
            1 => (0..3u8).prop_map(Move::Unplug),
            6 => (0..3u8).prop_map(Move::Insert),
            2 => (0..3u8).prop_map(Move::Remove),
            1 => (0..3u8).prop_map(Move::InsertMute),
            1 => Just(Move::StopService),
            2 => Just(Move::StartService),
            8 => (mode, by.clone()).prop_map(|(mode, by)| Move::LogIn(mode, by)),
            1 => Just(Move::Cancel),
            1 => by.prop_map(Move::LogOut),
            2 => Just(Move::Activity),
            10 => (0..2u8, any::<bool>(), prop::bool::weighted(0.9)).prop_map(
                |(subject, stale, smartcard)| Move::Succeed { subject, stale, smartcard }
            ),
            1 => any::<bool>().prop_map(|stale| Move::Fail { stale }),
            3 => seconds.clone().prop_map(|seconds| Move::Pass { seconds }),
            1 => seconds.clone().prop_map(|seconds| Move::Sleep { seconds }),
            1 => seconds.prop_map(|seconds| Move::SetBack { seconds }),
            2 => environments().prop_map(Move::Environment),
            1 => (any::<bool>(), any::<bool>())
                .prop_map(|(gentle, required)| Move::Rules { gentle, required }),
            1 => Just(Move::BadRules),
            1 => Just(Move::RemoteLogout),
            1 => Just(Move::Stop),
        ]
        .boxed()
    }

    fn apply(mut desk: Self, step: &Move) -> Self {
        match step {
            Move::Plug(name) => {
                desk.readers.entry(*name).or_insert(Content::Nothing);
            }
            Move::Unplug(name) => {
                desk.readers.remove(name);
            }
            // An insertion while a card is there is a swap.
            Move::Insert(name) => {
                desk.insertions += 1;
                let insertion = desk.insertions;
                desk.put(*name, Content::Card(insertion));
            }
            Move::Remove(name) => desk.put(*name, Content::Nothing),
            Move::InsertMute(name) => desk.put(*name, Content::Mute),
            Move::StopService => desk.service_down = true,
            // The service comes back with every card as a new insertion.
            Move::StartService if desk.service_down => {
                desk.service_down = false;
                for content in desk.readers.values_mut() {
                    if let Content::Card(insertion) = content {
                        desk.insertions += 1;
                        *insertion = desk.insertions;
                    }
                }
            }
            Move::StartService
            | Move::LogIn(..)
            | Move::Cancel
            | Move::LogOut(_)
            | Move::Activity
            | Move::Succeed { .. }
            | Move::Fail { .. }
            | Move::Pass { .. }
            | Move::Sleep { .. }
            | Move::SetBack { .. }
            | Move::Environment(_)
            | Move::Rules { .. }
            | Move::BadRules
            | Move::RemoteLogout
            | Move::Stop => {}
        }
        desk
    }
}

/// The machine and what is remembered of its past to check it by.
struct Watched {
    world: World,
    known_sessions: BTreeSet<SessionId>,
    /// The insertions that were there when the running session was last signed in to.
    bound: BTreeSet<u64>,
}

impl Watched {
    fn make(&mut self, step: Move, desk: &Desk) {
        let attempt = |stale: bool, world: &World| {
            let running = world.snapshot().login.map(|login| login.attempt);
            running
                .filter(|_| !stale)
                .unwrap_or_else(|| AttemptId::new("boot.a0"))
        };
        let world = &mut self.world;
        match step {
            Move::Plug(_)
            | Move::Unplug(_)
            | Move::Insert(_)
            | Move::Remove(_)
            | Move::InsertMute(_)
            | Move::StopService
            | Move::StartService => drop(world.handle(Input::Readers(desk.report())).clone()),
            Move::LogIn(mode, by) => drop(world.log_in_as(mode, by)),
            Move::Cancel => drop(world.command(Command::CancelLogin)),
            Move::LogOut(by) => drop(world.command(Command::Logout { session: None, by })),
            Move::Activity => drop(world.command(Command::Activity { os_idle: None })),
            Move::Succeed {
                subject,
                stale,
                smartcard,
            } => {
                let identity = Identity {
                    smartcard,
                    ..identity(&subject.to_string())
                };
                let attempt = attempt(stale, world);
                world.report(attempt, LoginUpdate::Succeeded(Box::new(identity)));
            }
            Move::Fail { stale } => {
                let attempt = attempt(stale, world);
                world.report(
                    attempt,
                    LoginUpdate::Failed(FailureCode::LoginRefused.into()),
                );
            }
            Move::Pass { seconds } => drop(world.pass(seconds.into()).clone()),
            Move::Sleep { seconds } => {
                world.now.wall = world.now.wall.plus(Duration::from_secs(seconds.into()));
                world.handle(Input::Timer { os_idle: None });
            }
            Move::SetBack { seconds } => {
                world.now.wall = world.now.wall.minus(Duration::from_secs(seconds.into()));
                world.handle(Input::Timer { os_idle: None });
            }
            Move::Environment(environment) => drop(world.environment(environment).clone()),
            Move::Rules { gentle, required } => {
                let on_removal = if gentle {
                    OnRemoval::Notify
                } else {
                    OnRemoval::Logout
                };
                let rules = Rules {
                    on_removal,
                    require_smartcard: required,
                    ..rules()
                };
                world.handle(Input::Rules(Box::new(rules)));
            }
            Move::BadRules => {
                world.handle(Input::RulesInvalid(FailureCode::ConfigInvalid.into()));
            }
            Move::RemoteLogout => {
                if let Some(session) = world.snapshot().session {
                    world.handle(Input::RemoteLogout(session.id));
                }
            }
            Move::Stop => drop(world.handle(Input::Stop).clone()),
        }
    }
}

/// Reasons that a step can give; the clock can give its own at any step.
fn possible_reasons(step: &Move) -> Vec<EndReason> {
    let mut reasons = vec![EndReason::IdleTimeout, EndReason::LifetimeExceeded];
    match step {
        Move::Unplug(_) => reasons.push(EndReason::ReaderRemoved),
        Move::Insert(_) => reasons.push(EndReason::CardSwapped),
        Move::Remove(_) | Move::InsertMute(_) => reasons.push(EndReason::CardRemoved),
        Move::StopService => reasons.push(EndReason::CardServiceLost),
        Move::LogOut(Requester::App) => reasons.push(EndReason::AppLogout),
        Move::LogOut(Requester::User | Requester::Insertion) => {
            reasons.push(EndReason::UserLogout);
        }
        Move::Succeed { .. } => reasons.push(EndReason::Replaced),
        Move::Environment(Environment::Suspending) => reasons.push(EndReason::Suspended),
        Move::Environment(Environment::Locked) => reasons.push(EndReason::WorkstationLocked),
        Move::Environment(Environment::Disconnected) => {
            reasons.push(EndReason::SessionDisconnected);
        }
        Move::Environment(Environment::LoggingOff) => reasons.push(EndReason::OsLogoff),
        Move::Rules { .. } | Move::BadRules => reasons.push(EndReason::PolicyChanged),
        Move::RemoteLogout => reasons.push(EndReason::RemoteLogout),
        Move::Stop => reasons.push(EndReason::AgentStopping),
        Move::Plug(_)
        | Move::StartService
        | Move::LogIn(..)
        | Move::Cancel
        | Move::Activity
        | Move::Fail { .. }
        | Move::Pass { .. }
        | Move::Sleep { .. }
        | Move::SetBack { .. }
        | Move::Environment(Environment::Unlocked | Environment::Connected) => {}
    }
    reasons
}

impl StateMachineTest for Watched {
    type SystemUnderTest = Self;
    type Reference = Desk;

    fn init_test(_: &Desk) -> Self {
        Self {
            world: World::new(),
            known_sessions: BTreeSet::new(),
            bound: BTreeSet::new(),
        }
    }

    fn apply(mut watched: Self, desk: &Desk, step: Move) -> Self {
        let before = watched.world.snapshot();
        watched.world.last = Outcome::default();
        watched.make(step.clone(), desk);
        let after = watched.world.snapshot();

        let events = match &watched.world.last.change {
            Some(change) => {
                assert_eq!(change.revision, before.revision + 1);
                assert_eq!(after.revision, change.revision);
                change.events.clone()
            }
            None => {
                assert_eq!(
                    Snapshot {
                        session: None,
                        ..after.clone()
                    },
                    Snapshot {
                        session: None,
                        ..before.clone()
                    }
                );
                Vec::new()
            }
        };

        for event in &events {
            match event {
                Event::SessionStarted { session } => {
                    assert!(
                        watched.known_sessions.insert(session.clone()),
                        "{session} again"
                    );
                    watched.bound = desk.present();
                }
                Event::SessionChanged { .. } => watched.bound = desk.present(),
                Event::SessionExpiring { .. }
                | Event::SessionExpiryWithdrawn { .. }
                | Event::SessionEnded { .. }
                | Event::LoginStarted { .. }
                | Event::LoginFailed { .. }
                | Event::TokensExpiring { .. }
                | Event::CardInserted { .. }
                | Event::CardRemoved { .. } => {}
            }
        }

        let ends: Vec<_> = events
            .iter()
            .enumerate()
            .filter_map(|(index, event)| match event {
                Event::SessionEnded { session, reason } => Some((index, session, *reason)),
                Event::SessionStarted { .. }
                | Event::SessionChanged { .. }
                | Event::SessionExpiring { .. }
                | Event::SessionExpiryWithdrawn { .. }
                | Event::LoginStarted { .. }
                | Event::LoginFailed { .. }
                | Event::TokensExpiring { .. }
                | Event::CardInserted { .. }
                | Event::CardRemoved { .. } => None,
            })
            .collect();
        let old = before.session.as_ref().map(|session| &session.id);
        let new = after.session.as_ref().map(|session| &session.id);
        match old.filter(|old| new != Some(*old)) {
            None => assert!(ends.is_empty(), "{ends:?} though nothing ended"),
            Some(old) => {
                let [(index, session, reason)] = ends[..] else {
                    panic!("{old} ended with {ends:?}");
                };
                assert_eq!((index, session), (0, old));
                assert!(
                    possible_reasons(&step).contains(&reason),
                    "{reason} by {step:?}"
                );
                let last = after.last_end.as_ref().expect("an end is remembered");
                assert_eq!((&last.session_id, last.reason), (old, reason));
            }
        }
        watched
    }

    fn check_invariants(watched: &Self, desk: &Desk) {
        let snapshot = watched.world.snapshot();
        assert_eq!(snapshot.state == State::Active, snapshot.session.is_some());
        if let Some(session) = snapshot.session.filter(|session| session.card_bound) {
            assert!(!watched.bound.is_empty());
            assert!(
                watched.bound.is_subset(&desk.present()),
                "{} is active though a card left",
                session.id
            );
        }
    }
}

prop_state_machine! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_must_hold_holds_whatever_happens(sequential 1..60 => Watched);
}
