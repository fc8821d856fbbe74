//! The machine from outside, told what readers, logins and clocks do.

mod contract_table;
mod every_state;
mod limits;
mod random;
mod settings;

use std::time::Duration;

use super::Machine;
use crate::{
    Atr, AttemptId, Boot, Card, Change, Command, Effect, EndReason, Environment, Event, EventName,
    FailureCode, Identity, Input, Insertion, Lifetime, LoginMode, LoginReport, LoginUpdate, Now,
    OnInsert, OnLock, OnRemoval, Outcome, Provider, ProviderEnvironment, Reader, ReaderEvent,
    ReaderName, Recognise, Refusal, Reply, Requester, Rules, ServiceLoss, SessionId, Slot,
    Snapshot, State, Time, User,
};

/// A machine with its time and what it said last.
struct World {
    machine: Machine,
    now: Now,
    last: Outcome,
}

fn rules() -> Rules {
    Rules {
        provider: Provider {
            environment: ProviderEnvironment::Int,
            issuer: "https://cis2.example:443/oidc".to_owned(),
        },
        recognise: Recognise::Any,
        on_insert: OnInsert::Notify,
        on_removal: OnRemoval::Logout,
        require_smartcard: true,
        login_timeout: Duration::from_secs(180),
        idle_timeout: Duration::from_secs(900),
        max_lifetime: Lifetime::Limit(Duration::from_secs(12 * 3600)),
        on_workstation_lock: OnLock::Keep,
        lock_workstation_on_removal: false,
    }
}

fn identity(subject: &str) -> Identity {
    Identity {
        user: User {
            id: subject.to_owned(),
            name: Some("Flo Nurse".to_owned()),
            given_name: None,
            family_name: None,
            selected_roleid: None,
            roles: Vec::new(),
        },
        acr: Some("AAL3_ANY".to_owned()),
        amr: vec!["N3_SMARTCARD".to_owned()],
        auth_time: start().wall,
        authentication_assurance_level: 3,
        id_assurance_level: 3,
        id_token_expires_at: start().wall.plus(Duration::from_secs(3600)),
        smartcard: true,
    }
}

fn start() -> Now {
    Now {
        wall: Time::parse("2026-01-05T09:00:00Z").unwrap(),
        monotonic: Duration::from_secs(1_000),
    }
}

fn reader(name: &str, slot: Slot) -> Reader {
    Reader {
        name: ReaderName::new(name),
        slot,
    }
}

fn card(insertion: u64) -> Slot {
    Slot::Present(Card {
        insertion: Insertion(insertion),
        atr: Atr::new([0x3b, 0x6a]),
        known_as: None,
    })
}

fn known_card(insertion: u64) -> Slot {
    Slot::Present(Card {
        insertion: Insertion(insertion),
        atr: Atr::new([0x3b, 0x6a]),
        known_as: Some("NHS Smartcard".to_owned()),
    })
}

impl World {
    fn new() -> Self {
        Self::with(rules())
    }

    fn with(rules: Rules) -> Self {
        Self {
            machine: Machine::new(Boot::new("boot"), rules, start()),
            now: start(),
            last: Outcome::default(),
        }
    }

    /// A card is in the one reader.
    fn with_card() -> Self {
        let mut world = Self::new();
        world.see([reader("A", card(1))]);
        world
    }

    /// A login is under way.
    fn signing_in() -> Self {
        let mut world = Self::with_card();
        world.log_in();
        world
    }

    /// Somebody is signed in, bound to insertion 1 in reader A.
    fn active() -> Self {
        let mut world = Self::signing_in();
        world.succeed("555000000001");
        assert_eq!(world.state(), State::Active);
        world
    }

    fn handle(&mut self, input: Input) -> &Outcome {
        self.last = self.machine.handle(input, self.now);
        &self.last
    }

    fn command(&mut self, command: Command) -> Result<Reply, Refusal> {
        let (reply, outcome) = self.machine.command(command, self.now);
        self.last = outcome;
        reply
    }

    fn see<const N: usize>(&mut self, readers: [Reader; N]) -> &Outcome {
        self.handle(Input::Readers(ReaderEvent::Readers(readers.to_vec())))
    }

    fn lose_service(&mut self) -> &Outcome {
        self.handle(Input::Readers(ReaderEvent::ServiceLost(
            ServiceLoss::Stopped,
        )))
    }

    fn environment(&mut self, environment: Environment) -> &Outcome {
        self.handle(Input::Environment(environment))
    }

    fn log_in_as(&mut self, mode: LoginMode, by: Requester) -> Result<AttemptId, Refusal> {
        self.command(Command::Login { mode, by })
            .map(|reply| match reply {
                Reply::Attempt(attempt) => attempt,
                Reply::Done | Reply::TokensOf(_) => panic!("a login is answered with its attempt"),
            })
    }

    fn log_in(&mut self) -> AttemptId {
        self.log_in_as(LoginMode::SignIn, Requester::User).unwrap()
    }

    fn reauthenticate(&mut self) -> AttemptId {
        self.log_in_as(LoginMode::Reauthenticate, Requester::User)
            .unwrap()
    }

    fn attempt(&self) -> AttemptId {
        self.snapshot().login.expect("a login is under way").attempt
    }

    fn report(&mut self, attempt: AttemptId, update: LoginUpdate) -> &Outcome {
        self.handle(Input::Login(LoginReport { attempt, update }))
    }

    fn succeed(&mut self, subject: &str) -> &Outcome {
        self.succeed_with(identity(subject))
    }

    fn succeed_with(&mut self, identity: Identity) -> &Outcome {
        let attempt = self.attempt();
        self.report(attempt, LoginUpdate::Succeeded(Box::new(identity)))
    }

    fn fail(&mut self, code: FailureCode) -> &Outcome {
        let attempt = self.attempt();
        self.report(attempt, LoginUpdate::Failed(code.into()))
    }

    fn pass(&mut self, seconds: u64) -> &Outcome {
        self.now.wall = self.now.wall.plus(Duration::from_secs(seconds));
        self.now.monotonic += Duration::from_secs(seconds);
        self.handle(Input::Timer { os_idle: None })
    }

    fn snapshot(&self) -> Snapshot {
        self.machine.snapshot()
    }

    fn state(&self) -> State {
        self.snapshot().state
    }

    fn session_id(&self) -> SessionId {
        self.snapshot().session.expect("somebody is signed in").id
    }

    fn failure(&self) -> Option<FailureCode> {
        self.snapshot().failure.map(|failure| failure.code)
    }

    fn last_reason(&self) -> Option<EndReason> {
        self.snapshot().last_end.map(|end| end.reason)
    }

    fn events(&self) -> Vec<EventName> {
        let events = self
            .last
            .change
            .as_ref()
            .map(|change| change.events.as_slice());
        events.unwrap_or_default().iter().map(Event::name).collect()
    }

    /// The session ended for `reason`, was said so first, and is to be cleaned up.
    fn assert_ended(&self, reason: EndReason) {
        assert_ne!(self.state(), State::Active);
        assert_eq!(self.last_reason(), Some(reason));
        assert_eq!(self.events().first(), Some(&EventName::SessionEnded));
        let cleaned_up = |effect: &Effect| matches!(effect, Effect::EndSession { reason: given, .. } if *given == reason);
        assert!(
            self.last.effects.iter().any(cleaned_up),
            "{:?}",
            self.last.effects
        );
    }

    fn assert_replaced(&self, session: &SessionId) {
        assert_ne!(self.session_id(), *session);
        assert_eq!(self.last_reason(), Some(EndReason::Replaced));
    }

    fn assert_still_active(&self) {
        assert_eq!(self.state(), State::Active);
        assert_eq!(self.last_reason(), None);
    }
}
