//! The session machine: every state answers every input (contract, section 3.2).

mod cards;
mod login;
mod session;
mod view;

#[cfg(test)]
mod tests;

use std::time::Duration;

use crate::id::Ids;
use crate::time::Deadline;
use crate::{
    Boot, Command, Effect, EndReason, Environment, Event, Failure, FailureCode, Input, LastEnd,
    Now, OnInsert, Outcome, Refusal, Reply, Rules, Snapshot, State, Time,
};

use login::Attempt;
use session::Session;

/// Holds everything there is to know and decides what it means.
#[derive(Debug)]
pub struct Machine {
    ids: Ids,
    rules: Rules,
    revision: u64,
    since: Time,
    phase: Phase,
    cards: cards::Cards,
    locked: bool,
    last_end: Option<LastEnd>,
    troubles: Troubles,
    last_unattended_login: Option<Duration>,
    /// When the card that came too soon is signed in with.
    login_waits: Option<Deadline>,
}

/// Who is signed in or signing in.
#[derive(Debug)]
enum Phase {
    SignedOut,
    SigningIn(Attempt),
    /// The attempt is a re-authentication or role change.
    Active(Box<Session>, Option<Attempt>),
}

/// What is wrong, by how long it stays so.
#[derive(Debug, Default)]
struct Troubles {
    /// The settings cannot be used; until they can.
    rules: Option<Failure>,
    /// A part of the agent failed; until it says otherwise.
    standing: Option<Failure>,
    /// The last attempt or session ended badly; until the next attempt.
    last: Option<Failure>,
}

/// What one input has led to so far.
struct Step {
    now: Now,
    events: Vec<Event>,
    effects: Vec<Effect>,
}

impl Step {
    fn at(now: Now) -> Self {
        Self {
            now,
            events: Vec::new(),
            effects: Vec::new(),
        }
    }
}

impl Machine {
    /// A machine that has seen no reader yet. Nobody is signed in.
    #[must_use]
    pub fn new(boot: Boot, rules: Rules, now: Now) -> Self {
        Self {
            ids: Ids::new(boot),
            rules,
            revision: 0,
            since: now.wall,
            phase: Phase::SignedOut,
            cards: cards::Cards::default(),
            locked: false,
            last_end: None,
            troubles: Troubles::default(),
            last_unattended_login: None,
            login_waits: None,
        }
    }

    /// Takes in what happened.
    pub fn handle(&mut self, input: Input, now: Now) -> Outcome {
        let before = self.document();
        let mut step = Step::at(now);
        self.take_in(input, &mut step);
        self.obey_the_clock(&mut step);
        self.close(step, &before)
    }

    /// Carries out what a person or program asks for.
    ///
    /// # Errors
    /// A [`Refusal`] when the contract forbids it as things are; the machine is then as before,
    /// but for what the clock did.
    pub fn command(&mut self, command: Command, now: Now) -> (Result<Reply, Refusal>, Outcome) {
        let before = self.document();
        let mut step = Step::at(now);
        self.obey_the_clock(&mut step);
        let reply = match command {
            Command::Login { mode, by } => self.log_in(mode, by, &mut step).map(Reply::Attempt),
            Command::CancelLogin => {
                self.fail_attempt(FailureCode::LoginCancelled.into(), &mut step);
                Ok(Reply::Done)
            }
            Command::Logout { session, by } => self.log_out(session.as_ref(), by, &mut step),
            Command::Activity { os_idle } => self.note_activity(os_idle, &step),
            Command::Tokens => self.give_out_tokens(&step),
        };
        self.obey_the_clock(&mut step);
        (reply, self.close(step, &before))
    }

    /// How long until [`Input::Timer`] is due; none when nothing is waiting for the clock.
    #[must_use]
    pub fn next_deadline(&self, now: Now) -> Option<Duration> {
        let (session, attempt) = match &self.phase {
            Phase::SignedOut => (None, None),
            Phase::SigningIn(attempt) => (None, Some(attempt)),
            Phase::Active(session, attempt) => (Some(session), attempt.as_ref()),
        };
        let attempt = attempt.map(|attempt| attempt.deadline.remaining(now));
        let session = session.map(|session| session.next_deadline(&self.rules, now));
        let login = self.login_waits.map(|deadline| deadline.remaining(now));
        attempt.into_iter().chain(session).chain(login).min()
    }

    /// Everything as it is now.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let mut snapshot = self.document();
        if let (Some(view), Phase::Active(session, _)) = (&mut snapshot.session, &self.phase) {
            view.idle_expires_at = session.idle_deadline(&self.rules).wall;
        }
        snapshot
    }

    fn take_in(&mut self, input: Input, step: &mut Step) {
        match input {
            Input::Readers(event) => self.see_readers(event, step),
            Input::Login(report) => self.follow_login(report, step),
            Input::Environment(environment) => self.see_environment(environment, step),
            Input::Rules(rules) => self.obey(*rules, step),
            Input::RulesInvalid(failure) => self.lose_rules(failure, step),
            Input::Standing(failure) => self.troubles.standing = failure,
            Input::RemoteLogout(session) => {
                if self.session().is_some_and(|running| running.id == session) {
                    self.end_session(EndReason::RemoteLogout, step);
                }
            }
            Input::Timer { os_idle } => {
                if let Some(idle) = os_idle {
                    self.see_input(idle, step.now);
                }
            }
            Input::Stop => self.end_everything(EndReason::AgentStopping, step),
        }
    }

    fn see_environment(&mut self, environment: Environment, step: &mut Step) {
        match environment {
            Environment::Suspending => self.end_everything(EndReason::Suspended, step),
            Environment::LoggingOff => self.end_everything(EndReason::OsLogoff, step),
            Environment::Disconnected => {
                self.end_everything(EndReason::SessionDisconnected, step);
                self.see_desktop(cards::Desktop::Inactive, step);
            }
            Environment::Connected => self.see_desktop(cards::Desktop::Active, step),
            Environment::Locked => {
                self.locked = true;
                let ends = self
                    .session()
                    .is_some_and(|session| session.ends_at_lock(&self.rules));
                if ends {
                    self.end_session(EndReason::WorkstationLocked, step);
                }
            }
            Environment::Unlocked => self.locked = false,
        }
    }

    fn obey(&mut self, rules: Rules, step: &mut Step) {
        let old = std::mem::replace(&mut self.rules, rules);
        self.troubles.rules = None;
        let ends = self
            .session()
            .is_some_and(|session| !session.may_go_on(&old, &self.rules, &self.cards));
        if ends {
            self.end_session(EndReason::PolicyChanged, step);
        }
    }

    fn lose_rules(&mut self, failure: Failure, step: &mut Step) {
        self.end_everything(EndReason::PolicyChanged, step);
        self.troubles.rules = Some(failure);
    }

    /// Ends the session and any attempt.
    fn end_everything(&mut self, reason: EndReason, step: &mut Step) {
        self.end_session(reason, step);
        self.fail_attempt(FailureCode::LoginCancelled.into(), step);
    }

    fn obey_the_clock(&mut self, step: &mut Step) {
        if let Some(attempt) = self.attempt()
            && attempt.deadline.has_passed(step.now)
        {
            let failure = attempt.failure_at_the_limit();
            self.fail_attempt(failure, step);
        }
        if self.login_waits.is_some_and(|at| at.has_passed(step.now)) {
            self.login_waits = None;
            if matches!(self.phase, Phase::SignedOut) && self.rules.on_insert == OnInsert::Login {
                self.log_in_with_the_card(step);
            }
        }
        self.age_session(step);
    }

    /// Makes the step a change when anything that programs see is different now.
    fn close(&mut self, step: Step, before: &Snapshot) -> Outcome {
        let Step {
            now,
            mut events,
            effects,
        } = step;
        let change = (!events.is_empty() || self.document() != *before).then(|| {
            self.revision += 1;
            if self.state() != before.state {
                self.since = now.wall;
            }
            events.sort_by_key(|event| !matches!(event, Event::SessionEnded { .. }));
            crate::Change {
                revision: self.revision,
                at: now.wall,
                events,
            }
        });
        Outcome { change, effects }
    }

    fn state(&self) -> State {
        match self.phase {
            Phase::Active(..) => State::Active,
            Phase::SigningIn(_) => State::SigningIn,
            Phase::SignedOut => self.cards.state(),
        }
    }

    fn session(&self) -> Option<&Session> {
        match &self.phase {
            Phase::Active(session, _) => Some(session),
            Phase::SignedOut | Phase::SigningIn(_) => None,
        }
    }

    fn attempt(&self) -> Option<&Attempt> {
        match &self.phase {
            Phase::SigningIn(attempt) => Some(attempt),
            Phase::Active(_, attempt) => attempt.as_ref(),
            Phase::SignedOut => None,
        }
    }

    fn attempt_mut(&mut self) -> Option<&mut Attempt> {
        match &mut self.phase {
            Phase::SigningIn(attempt) => Some(attempt),
            Phase::Active(_, attempt) => attempt.as_mut(),
            Phase::SignedOut => None,
        }
    }
}
