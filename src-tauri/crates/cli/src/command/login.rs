//! `cardea login`: starts a sign-in and follows it to its end.

#[cfg(test)]
mod tests;

use std::io::Write;

use cardea_client::session::{
    AttemptId, Boot, EventName, Failure, FailureCode, LoginMode, Snapshot, State, WaitingFor,
};
use cardea_client::{Client, SignedOutReason, StreamEvent, Update, View, Watch};

use crate::arguments::LoginArguments;
use crate::failure::CommandError;
use crate::output::one_line;
use crate::output::status::waiting_for;

const WHAT: &str = "cannot sign in";

pub(super) async fn run(
    arguments: &LoginArguments,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    let client = super::agent(WHAT)?;
    // The stream comes first, so that nothing of the attempt is missed.
    let connected = Watch::connect(client.clone()).await;
    let mut watch = connected.map_err(CommandError::agent(WHAT))?;
    let started = client.login(mode(arguments)).await;
    let mut attempt = Attempt::new(started.map_err(CommandError::agent(WHAT))?);
    writeln!(
        out,
        "Sign-in started. Ctrl-C leaves it running; \"cardea cancel\" ends it."
    )?;
    loop {
        let step = match watch.next().await {
            Update::Event(event) => attempt.follow(&event),
            Update::View(view) => attempt.see(&view),
        };
        match step {
            Step::Nothing => {}
            Step::WaitingFor(what) => writeln!(out, "Waiting for {}.", waiting_for(what))?,
            Step::BrowserFailed => tell_address(&client, out).await?,
            Step::SignedIn => return Ok(writeln!(out, "Signed in.")?),
            Step::Failed(failure) => {
                return Err(CommandError::Failed {
                    what: WHAT,
                    failure,
                });
            }
            Step::AgentLost => {
                return Err(CommandError::AgentLost { what: WHAT });
            }
        }
        out.flush()?;
    }
}

async fn tell_address(client: &Client, out: &mut dyn Write) -> Result<(), CommandError> {
    let answer = client.login_address().await;
    match answer.map_err(CommandError::agent(WHAT))? {
        Some(address) => writeln!(
            out,
            "The browser could not be opened. Open this address in a browser on this computer:\n\
             {}",
            one_line(&address)
        )?,
        None => writeln!(out, "The browser could not be opened.")?,
    }
    Ok(())
}

fn mode(arguments: &LoginArguments) -> LoginMode {
    if arguments.change_role {
        LoginMode::ChangeRole
    } else if arguments.reauthenticate {
        LoginMode::Reauthenticate
    } else {
        LoginMode::SignIn
    }
}

/// What is new about an attempt.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    Nothing,
    WaitingFor(WaitingFor),
    BrowserFailed,
    SignedIn,
    Failed(Failure),
    AgentLost,
}

/// One login attempt, as far as it is known.
#[derive(Debug)]
struct Attempt {
    id: AttemptId,
    boot: Option<Boot>,
    /// Whether what comes now is from after the attempt's beginning.
    begun: bool,
    waiting: Option<WaitingFor>,
    browser_failed: bool,
    failed: Option<FailureCode>,
}

impl Attempt {
    fn new(id: AttemptId) -> Self {
        Self {
            id,
            boot: None,
            begun: false,
            waiting: None,
            browser_failed: false,
            failed: None,
        }
    }

    fn see(&self, view: &View) -> Step {
        let View::SignedOut { reason } = view else {
            return Step::Nothing;
        };
        match reason {
            SignedOutReason::AgentLost
            | SignedOutReason::AgentSilent
            | SignedOutReason::AgentRestarted
            | SignedOutReason::Refused => Step::AgentLost,
            SignedOutReason::NotSignedIn
            | SignedOutReason::Ended(_)
            | SignedOutReason::OtherSession => Step::Nothing,
        }
    }

    fn follow(&mut self, event: &StreamEvent) -> Step {
        let boot = self.boot.get_or_insert_with(|| event.boot.clone());
        if *boot != event.boot {
            return Step::AgentLost;
        }
        let about_this = event.attempt.as_ref() == Some(&self.id);
        self.begun |= about_this || event.name == EventName::Gap;
        if about_this {
            self.failed = event.code.or(self.failed);
        }
        match &event.snapshot {
            Some(snapshot) => self.look(snapshot),
            None => Step::Nothing,
        }
    }

    fn look(&mut self, snapshot: &Snapshot) -> Step {
        let running = snapshot.login.as_ref();
        let Some(login) = running.filter(|login| login.attempt == self.id) else {
            return if self.begun {
                self.end(snapshot)
            } else {
                Step::Nothing
            };
        };
        self.begun = true;
        let failure = snapshot.failure.as_ref().map(|failure| failure.code);
        if failure == Some(FailureCode::BrowserFailed) && !self.browser_failed {
            self.browser_failed = true;
            return Step::BrowserFailed;
        }
        if self.waiting.replace(login.waiting) == Some(login.waiting) {
            return Step::Nothing;
        }
        Step::WaitingFor(login.waiting)
    }

    fn end(&self, snapshot: &Snapshot) -> Step {
        let code = match self.failed {
            None if snapshot.state == State::Active => return Step::SignedIn,
            None => FailureCode::Unknown,
            Some(code) => code,
        };
        let told = snapshot.failure.clone();
        let told = told.filter(|failure| self.failed.is_none_or(|code| failure.code == code));
        Step::Failed(told.unwrap_or_else(|| Failure::new(code)))
    }
}
