//! The one loop that owns what is: it reads what happened, asks the session machine what it
//! means, tells programs, and has the rest done.

mod requests;
mod sources;

use std::time::{Duration, Instant};

use cardea_local_api::{Caller, Publisher};
use cardea_session::{
    Effect, Environment, Failure, FailureCode, Input, LoginReport, LoginUpdate, Machine, Outcome,
    Snapshot, Time,
};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::environment::{self, Sleep, SleepWatch};
use crate::examination::Examination;
use crate::followers::{Followers, Resolved};
use crate::hooks::Hooks;
use crate::logins::{Completion, Logins};
use crate::logouts::Logouts;
use crate::record::Record;
use crate::removals::Removals;
use crate::settings::Loaded;
use crate::window::Window;

use sources::Tick;
pub(crate) use sources::{Sighting, Sources};

/// Why the loop ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// It was asked to.
    Stopped,
    /// A part of the agent was lost; only a new process can help.
    Lost(&'static str),
}

/// Owns the machine.
pub(crate) struct Controller {
    machine: Machine,
    clock: Clock,
    sleep: SleepWatch,
    /// How long the operating system saw no input, where it can say.
    idle_time: fn() -> Option<Duration>,
    publisher: Publisher,
    logins: Logins,
    logouts: Logouts,
    followers: Followers,
    record: Record,
    hooks: Hooks,
    window: Window,
    removals: Removals,
    examination: Examination,
    /// On whose behalf something is done.
    caller: Option<Caller>,
    /// When the card source reported what is being taken in.
    reported: Option<Instant>,
    /// The idle deadline that programs are told when they ask.
    idle_told: Option<Time>,
}

impl Controller {
    pub(crate) fn new(
        machine: Machine,
        clock: Clock,
        publisher: Publisher,
        followers: Followers,
        record: Record,
        examination: Examination,
    ) -> Self {
        Self {
            machine,
            clock,
            sleep: SleepWatch::start(),
            idle_time: environment::idle_time,
            publisher,
            logins: Logins::new(),
            logouts: Logouts::default(),
            followers,
            record,
            hooks: Hooks::default(),
            window: Window::default(),
            removals: Removals::default(),
            examination,
            caller: None,
            reported: None,
            idle_told: None,
        }
    }

    /// Runs until `stop`, or until a part of the agent is lost.
    pub(crate) async fn run(&mut self, mut sources: Sources, stop: &CancellationToken) -> End {
        loop {
            let tick = self.next(&mut sources, stop).await;
            self.look_for_sleep();
            match tick {
                Tick::Stop => return End::Stopped,
                Tick::Lost(part) => return End::Lost(part),
                Tick::Environment(report) => {
                    self.take_in(Input::Environment(report.environment));
                    // The operating system ends the process soon; an end in order is better.
                    if report.environment == Environment::LoggingOff {
                        return End::Stopped;
                    }
                }
                Tick::Readers(Sighting { event, at }) => {
                    self.reported = Some(at);
                    self.take_in(Input::Readers(event));
                    self.reported = None;
                }
                Tick::Timer => self.take_in(Input::Timer {
                    os_idle: (self.idle_time)(),
                }),
                Tick::Logout(checked) => self.obey_provider(checked),
                Tick::Report(report) => self.take_in(Input::Login(report)),
                Tick::Finished(ended) => {
                    let ended = if self.logouts.have_ended(&ended) {
                        ended.refused(FailureCode::LoginRefused)
                    } else {
                        *ended
                    };
                    let report = self.logins.settle(ended);
                    self.take_in(Input::Login(report));
                }
                Tick::Settings(loaded) => self.obey(&loaded),
                Tick::Request(request) => {
                    if let Some(end) = self.answer(request) {
                        return end;
                    }
                }
                Tick::Nothing => {}
            }
        }
    }

    /// Starts under these settings, before any reader was seen.
    pub(crate) fn begin(&mut self, loaded: &Loaded, standing: Option<Failure>) {
        self.take_in(Input::Standing(standing));
        self.settle(loaded);
    }

    /// Ends the session because the agent is stopping.
    pub(crate) fn say_goodbye(&mut self) {
        self.take_in(Input::Stop);
    }

    /// Waits for the clean-ups at the provider and for hooks, at the most so long.
    pub(crate) async fn finish(&mut self, limit: Duration) -> Completion {
        let (clean_up, ()) = tokio::join!(self.logins.finish(limit), self.hooks.finish(limit));
        clean_up
    }

    /// Gives up what must end after the API.
    pub(crate) fn into_parts(self) -> (Followers, Record) {
        (self.followers, self.record)
    }

    /// Programs hear first that their session is over, if it is; then those that are no longer
    /// wanted are cut off; whoever shows settings hears of it when they can be asked for.
    fn obey(&mut self, loaded: &Loaded) {
        self.settle(loaded);
        for noted in self.followers.follow(loaded) {
            self.record.noted(&noted);
        }
        self.publisher.settings_changed();
    }

    fn settle(&mut self, loaded: &Loaded) {
        self.hooks.follow(&loaded.settings.hooks.on_session_end);
        match self.followers.resolve(loaded) {
            Resolved::Usable {
                rules,
                party,
                language,
            } => {
                self.logins.use_party(Some((party, language)));
                self.take_in(Input::Rules(rules));
            }
            Resolved::Unusable(failure) => {
                self.logins.use_party(None);
                self.take_in(Input::RulesInvalid(failure));
                self.record.policy_problem();
            }
        }
    }

    fn take_in(&mut self, input: Input) {
        let outcome = self.machine.handle(input, self.clock.now());
        self.follow(outcome);
    }

    /// Tells programs first; everything else comes after, but for stopping a login: that takes no
    /// time, and what programs are told must be true when they hear it.
    fn follow(&mut self, outcome: Outcome) {
        let Outcome { change, effects } = outcome;
        let (stops, effects): (Vec<_>, Vec<_>) = effects
            .into_iter()
            .partition(|effect| matches!(effect, Effect::StopLogin { .. }));
        for stop in stops {
            self.perform(stop);
        }
        if let Some(change) = &change {
            let snapshot = self.machine.snapshot();
            self.publisher.publish(change, &snapshot);
            if let Some(reported) = self.reported {
                self.removals.note(change, reported.elapsed());
            }
            self.record.change(change, &snapshot, self.caller.as_ref());
            self.idle_told = idle_deadline(&snapshot);
        } else {
            self.tell_of_idle_deadline();
        }
        for effect in effects {
            self.perform(effect);
        }
    }

    /// Moving the idle deadline is no change; whoever asks is told what it is (contract, section 3.1).
    fn tell_of_idle_deadline(&mut self) {
        let snapshot = self.machine.snapshot();
        let deadline = idle_deadline(&snapshot);
        if deadline != self.idle_told {
            self.publisher.refresh(&snapshot);
            self.idle_told = deadline;
        }
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::StartLogin {
                attempt,
                mode,
                prior,
            } => {
                if let Err(failure) = self.logins.start(attempt.clone(), mode, prior) {
                    let update = LoginUpdate::Failed(failure);
                    self.take_in(Input::Login(LoginReport { attempt, update }));
                }
            }
            Effect::StopLogin { attempt, reason } => self.logins.stop(&attempt, reason),
            Effect::AdoptTokens { attempt, session } => self.logins.adopt(&attempt, session),
            Effect::DiscardTokens { attempt, reason } => self.logins.discard(&attempt, reason),
            Effect::EndSession { session, reason } => {
                self.logins.end_session(&session);
                self.hooks.session_ended(&session, reason);
            }
            Effect::LockWorkstation => {
                if let Err(error) = environment::lock_workstation() {
                    tracing::warn!(%error, "lock_workstation_on_removal is set and has no effect");
                }
            }
        }
    }

    /// Before anything that came after waking up, a login for instance.
    fn look_for_sleep(&mut self) {
        match self.sleep.look() {
            Sleep::Slept => self.take_in(Input::Environment(Environment::Suspending)),
            Sleep::StayedAwake => {}
        }
    }
}

fn idle_deadline(snapshot: &Snapshot) -> Option<Time> {
    snapshot
        .session
        .as_ref()
        .map(|session| session.idle_expires_at)
}

#[cfg(test)]
mod tests;
