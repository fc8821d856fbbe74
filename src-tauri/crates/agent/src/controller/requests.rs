//! What programs ask of the loop.

use std::io;

use cardea_local_api::{Caller, Diagnostics, LogoutAnswer, ReleasedTokens, Request, WindowError};
use cardea_session::{Command, DoctorEvent, Input, Refusal, Reply, Snapshot};
use tokio::sync::mpsc;

use super::{Controller, End};
use crate::doctor::{AgentSeen, Cards, CardsSeen, Depth, RunningAgent};
use crate::environment;
use crate::logouts::Checked;

impl Controller {
    /// Answers; with the end when that is what was asked for.
    pub(super) fn answer(&mut self, request: Request) -> Option<End> {
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
            Request::Tokens { caller, reply } => {
                let _gone = reply.send(self.release_tokens(&caller));
            }
            Request::Noted(noted) => self.record.noted(&noted),
            Request::Activity { reply } => self.record.tell_activity(reply),
            Request::Diagnostics { reply } => {
                let _gone = reply.send(self.diagnostics());
            }
            Request::Doctor {
                cis2,
                unknown_callers,
                apps,
                reply,
            } => {
                let depth = if cis2 { Depth::Cis2 } else { Depth::Usual };
                let _gone = reply.send(self.examine(depth, unknown_callers, apps));
            }
            Request::OpenWindow { reply } => {
                let _gone = reply.send(self.open_window());
            }
            Request::LoginAddress { reply } => {
                let login = self.machine.snapshot().login;
                let address = login.and_then(|login| self.logins.address(&login.attempt));
                let _gone = reply.send(address.map(|address| address.expose().to_owned()));
            }
            Request::Stop { reply } => {
                let _gone = reply.send(());
                return Some(End::Stopped);
            }
            Request::LogoutToken { token, reply } => {
                let parties = self.logins.parties();
                self.logouts.check(parties, token, reply);
            }
        }
        None
    }

    fn diagnostics(&self) -> Diagnostics {
        let Snapshot {
            state,
            readers,
            failure,
            ..
        } = self.machine.snapshot();
        Diagnostics {
            state,
            readers,
            failure,
            uptime_s: self.clock.now().monotonic.as_secs(),
            removals: self.removals.all(),
            settings: self.followers.show_settings(),
        }
    }

    fn examine(
        &mut self,
        depth: Depth,
        unknown_callers: u64,
        apps: Vec<String>,
    ) -> Option<mpsc::Receiver<DoctorEvent>> {
        let snapshot = self.machine.snapshot();
        let cards = CardsSeen {
            event: self.machine.reported().cloned(),
            diagnostics: self.followers.card_diagnostics(),
        };
        let agent = RunningAgent {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            boot: snapshot.boot,
            state: snapshot.state,
            failure: snapshot.failure,
            login_under_way: snapshot.login.is_some(),
            apps,
            card_bound: snapshot.session.map(|session| session.card_bound),
            removals: self.removals.all(),
            unknown_callers,
        };
        let agent = AgentSeen::Running(Box::new(agent));
        self.examination.begin(Cards::Seen(cards), agent, depth)
    }

    fn open_window(&mut self) -> Result<(), WindowError> {
        self.window.open().map_err(|error| {
            if error.kind() == io::ErrorKind::NotFound {
                return WindowError::NotInstalled;
            }
            tracing::warn!(%error, "the window could not be started");
            WindowError::NotStarted
        })
    }

    /// Whoever handed the token in hears of it when programs have heard.
    pub(super) fn obey_provider(&mut self, checked: Checked) {
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

    pub(super) fn carry_out(&mut self, command: Command, caller: Caller) -> Result<Reply, Refusal> {
        let command = environment::with_idle_time(command, self.idle_time);
        let (reply, outcome) = self.machine.command(command, self.clock.now());
        self.caller = Some(caller);
        self.follow(outcome);
        self.caller = None;
        reply
    }

    /// The session's tokens, when the machine says whose they are; each release is audited.
    fn release_tokens(&mut self, caller: &Caller) -> Result<ReleasedTokens, Refusal> {
        match self.carry_out(Command::Tokens, caller.clone())? {
            Reply::TokensOf(session) => {
                let released = self.logins.release(&session).ok_or(Refusal::NoSession)?;
                self.record.token_release(&session, caller);
                Ok(released)
            }
            Reply::Attempt(_) | Reply::Done => Err(Refusal::NoSession),
        }
    }
}
