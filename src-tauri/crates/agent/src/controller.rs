//! The one loop that owns what is: it reads what happened, asks the session machine what it
//! means, tells programs, and has the rest done.

use std::sync::Arc;
use std::time::Duration;

use cardea_local_api::{Caller, LogoutAnswer, Publisher, Request};
use cardea_session::{
    Command, Effect, Environment, Failure, FailureCode, Input, LoginReport, LoginUpdate, Machine,
    Outcome, ReaderEvent, Refusal, Reply,
};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::environment::{self, Report, Sleep, SleepWatch};
use crate::followers::{Followers, Resolved};
use crate::logins::{Completion, Ended, Logins, Progress};
use crate::logouts::{Checked, Logouts};
use crate::record::Record;
use crate::settings::Loaded;

/// The longest time without a look at the clocks while something waits for them: a timer does
/// not count the time the computer sleeps.
const CLOCK_NET: Duration = Duration::from_secs(5);

/// What the loop reads, beside commands.
pub(crate) struct Sources {
    /// From the operating system.
    pub(crate) environment: mpsc::Receiver<Report>,
    /// From the card source.
    pub(crate) readers: mpsc::Receiver<ReaderEvent>,
    /// From the local API.
    pub(crate) requests: mpsc::Receiver<Request>,
    /// From the settings.
    pub(crate) settings: watch::Receiver<Arc<Loaded>>,
}

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
    caller: Option<Caller>,
}

enum Tick {
    Stop,
    Environment(Report),
    Readers(ReaderEvent),
    Timer,
    Logout(Checked),
    Report(LoginReport),
    Finished(Box<Ended>),
    Settings(Arc<Loaded>),
    Request(Request),
    Lost(&'static str),
}

impl Controller {
    pub(crate) fn new(
        machine: Machine,
        clock: Clock,
        publisher: Publisher,
        followers: Followers,
        record: Record,
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
            caller: None,
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
                Tick::Readers(event) => self.take_in(Input::Readers(event)),
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
                Tick::Request(request) => self.answer(request),
            }
        }
    }

    /// Everything that ends a session comes before anything that could start or use one.
    async fn next(&mut self, sources: &mut Sources, stop: &CancellationToken) -> Tick {
        let wait = self
            .machine
            .next_deadline(self.clock.now())
            .map(|wait| wait.min(CLOCK_NET));
        let timer = async {
            match wait {
                Some(wait) => tokio::time::sleep(wait).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = stop.cancelled() => Tick::Stop,
            report = sources.environment.recv() => {
                report.map_or(Tick::Lost("the watch of the desktop session"), Tick::Environment)
            }
            event = sources.readers.recv() => {
                event.map_or(Tick::Lost("the card source"), Tick::Readers)
            }
            () = timer => Tick::Timer,
            checked = self.logouts.checked() => {
                checked.map_or(Tick::Lost("the check of a logout token"), Tick::Logout)
            }
            progress = self.logins.progress() => match progress {
                Progress::Report(report) => Tick::Report(report),
                Progress::Finished(ended) => Tick::Finished(ended),
                Progress::Lost => Tick::Lost("a login task"),
            },
            changed = sources.settings.changed() => match changed {
                Ok(()) => Tick::Settings(Arc::clone(&sources.settings.borrow_and_update())),
                Err(_) => Tick::Lost("the settings watch"),
            },
            request = sources.requests.recv() => {
                request.map_or(Tick::Lost("the local API"), Tick::Request)
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

    /// Waits for the clean-ups at the provider, at the most so long.
    pub(crate) async fn finish_logins(&mut self, limit: Duration) -> Completion {
        self.logins.finish(limit).await
    }

    /// Gives up what must end after the API.
    pub(crate) fn into_parts(self) -> (Followers, Record) {
        (self.followers, self.record)
    }

    /// Programs hear first that their session is over, if it is; then those that are no longer
    /// wanted are cut off.
    fn obey(&mut self, loaded: &Loaded) {
        self.settle(loaded);
        self.followers.follow(loaded);
    }

    fn settle(&mut self, loaded: &Loaded) {
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

    fn answer(&mut self, request: Request) {
        // A caller that went away has nobody to be told.
        match request {
            Request::Command {
                command,
                caller,
                reply,
            } => {
                let answer = self.carry_out(command, caller);
                let _gone = reply.send(answer);
            }
            Request::LoginAddress { reply } => {
                let login = self.machine.snapshot().login;
                let address = login.and_then(|login| self.logins.address(&login.attempt));
                let _gone = reply.send(address.map(|address| address.expose().to_owned()));
            }
            Request::LogoutToken { token, reply } => {
                let parties = self.logins.parties();
                self.logouts.check(parties, token, reply);
            }
        }
    }

    /// Whoever handed the token in hears of it when programs have heard.
    fn obey_provider(&mut self, checked: Checked) {
        let Checked { logout, answer } = checked;
        let Some(logout) = logout else {
            let _gone = answer.send(LogoutAnswer::Refused);
            return;
        };
        match self.logins.ended_by(&logout) {
            Some(session) => self.take_in(Input::RemoteLogout(session)),
            None => self.logouts.remember(logout),
        }
        let _gone = answer.send(LogoutAnswer::Good);
    }

    fn carry_out(&mut self, command: Command, caller: Caller) -> Result<Reply, Refusal> {
        let command = environment::with_idle_time(command, self.idle_time);
        let (reply, outcome) = self.machine.command(command, self.clock.now());
        self.caller = Some(caller);
        self.follow(outcome);
        self.caller = None;
        reply
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
            self.record.change(change, &snapshot, self.caller.as_ref());
        }
        for effect in effects {
            self.perform(effect);
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
            Effect::EndSession { session, .. } => self.logins.end_session(&session),
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

#[cfg(test)]
mod tests;
