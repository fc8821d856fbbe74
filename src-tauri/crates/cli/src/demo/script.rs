//! The demo without a person: from insertion to removal through the local API, every step with
//! its time. It fails when it does not see what it should.

use std::io::Write;
use std::time::{Duration, Instant};

use cardea_client::session::{EndReason, EventName, LoginMode, Snapshot, State};
use cardea_client::{Client, EventStream, StreamEvent};
use cardea_simulator::browser::{self, SignIn};
use cardea_simulator::provider::{Fault, IdTokenFault};
use cardea_simulator::readers::{DEFAULT_READER, NHS_ATR};
use tokio::time::timeout;

use super::{Broken, DemoError, Stage};

/// How long each thing may take to be seen.
const LIMIT: Duration = Duration::from_secs(10);

pub(super) async fn run(
    stage: Stage,
    broken: Option<Broken>,
    out: &mut dyn Write,
) -> Result<(), DemoError> {
    let mut steps = Steps {
        out,
        started: stage.started,
    };
    let port = stage.provider.port();
    steps.done(&format!(
        "agent runs, its local API is {}; simulated CIS2 is port {port}",
        stage.url
    ))?;
    break_provider(&stage, broken);
    let mut program = Program::connect(stage.client.clone()).await?;
    steps.done("program connected, nobody signed in")?;

    stage.readers.insert(DEFAULT_READER, &NHS_ATR)?;
    program
        .wait("the card's insertion", EventName::CardInserted)
        .await?;
    steps.done("card inserted, the program sees it")?;

    let snapshot = sign_in(stage.opened, &stage.provider, &mut program, &mut steps).await?;
    check_user(&snapshot)?;
    steps.done("session started, the program knows who and in which role")?;

    if broken == Some(Broken::Removal) {
        stage.readers.lose_reports();
    }
    let removed = Instant::now();
    stage.readers.remove(DEFAULT_READER)?;
    let ended = program
        .wait("the end of the session", EventName::SessionEnded)
        .await?;
    let after = removed.elapsed();
    if ended.reason != Some(EndReason::CardRemoved) {
        return Err(differs(
            "the reason card_removed",
            ended.reason.map(EndReason::as_str),
        ));
    }
    steps.done(&format!(
        "card removed, the program knew {:.1} ms later",
        millis(after)
    ))?;

    check_signed_out(&program.client).await?;
    steps.done("nobody is signed in for whoever asks")?;

    let cleaned_up = stage
        .provider
        .wait_for(LIMIT, |log| log.grants() == 1 && log.cleaned_up());
    let what = "the end of tokens and session at the simulated CIS2";
    cleaned_up
        .await
        .map_err(|_| DemoError::NotSeen { what, limit: LIMIT })?;
    steps.done("tokens revoked and session ended at the simulated CIS2")?;
    Ok(())
}

fn break_provider(stage: &Stage, broken: Option<Broken>) {
    let fault = match broken {
        Some(Broken::Signature) => IdTokenFault::BadSignature,
        Some(Broken::Nonce) => IdTokenFault::WrongNonce,
        Some(Broken::Removal) | None => return,
    };
    stage.provider.add_fault(Fault::IdToken(fault));
}

/// Signs the GP in, in the last of several roles, and gives the snapshot of the session.
async fn sign_in(
    mut opened: tokio::sync::mpsc::Receiver<String>,
    provider: &cardea_simulator::provider::Provider,
    program: &mut Program,
    steps: &mut Steps<'_>,
) -> Result<Box<Snapshot>, DemoError> {
    let asked = program.client.login(LoginMode::SignIn).await;
    asked.map_err(DemoError::api("cannot sign in"))?;
    let what = "the sign-in page";
    let address = timeout(LIMIT, opened.recv()).await.ok().flatten();
    let address = address.ok_or(DemoError::NotSeen { what, limit: LIMIT })?;
    steps.done("login asked, the agent opened the sign-in page")?;

    let several_roles = provider
        .people()
        .iter()
        .find(|person| person.roles.len() > 1);
    let person = several_roles.ok_or_else(|| differs("a person with several roles", None))?;
    let who = SignIn {
        role: person.roles.last().map(|role| role.id.clone()),
        ..SignIn::of(person)
    };
    // The agent's answer to the browser waits for the login's result, which the program hears too.
    browser::sign_in(&address, &who).await?;
    steps.done("person, PIN and role given at the simulated CIS2")?;
    program
        .wait("the start of the session", EventName::SessionStarted)
        .await?;
    program.snapshot().await
}

fn check_user(snapshot: &Snapshot) -> Result<(), DemoError> {
    if snapshot.state != State::Active {
        return Err(differs("the state active", Some(snapshot.state.as_str())));
    }
    let session = snapshot.session.as_ref();
    let session = session.ok_or_else(|| differs("a session in the snapshot", None))?;
    if !session.card_bound {
        return Err(differs("a session bound to the card", Some("not bound")));
    }
    let user = session.user.as_ref();
    let role = user.and_then(|user| user.selected_role());
    role.ok_or_else(|| differs("the role that was chosen", None))?;
    Ok(())
}

async fn check_signed_out(client: &Client) -> Result<(), DemoError> {
    let now = client.session().await;
    let now = now
        .map_err(DemoError::api("cannot ask for the session"))?
        .snapshot;
    if now.state != State::NoCard || now.session.is_some() {
        return Err(differs("the state no_card", Some(now.state.as_str())));
    }
    Ok(())
}

fn differs(wanted: &'static str, found: Option<&str>) -> DemoError {
    DemoError::Differs {
        wanted,
        found: found.unwrap_or("not there").to_owned(),
    }
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

/// The connected program: it reads the event stream and nothing else.
struct Program {
    client: Client,
    stream: EventStream,
}

impl Program {
    async fn connect(client: Client) -> Result<Self, DemoError> {
        let stream = client.events(None).await;
        let stream = stream.map_err(DemoError::api("cannot open the event stream"))?;
        let mut program = Self { client, stream };
        program.see_empty_reader().await?;
        Ok(program)
    }

    /// Waits until the agent has heard of the reader: its API answers before the first report.
    async fn see_empty_reader(&mut self) -> Result<(), DemoError> {
        let what = "an empty reader";
        let limit = LIMIT;
        let seeing = async {
            loop {
                let snapshot = self.snapshot().await?;
                match snapshot.state {
                    State::NoCard => return Ok(()),
                    State::NoReader | State::Unavailable => {}
                    state @ (State::CardPresent
                    | State::SigningIn
                    | State::Active
                    | State::Unknown) => {
                        return Err(differs("the state no_card", Some(state.as_str())));
                    }
                }
            }
        };
        let seen = timeout(limit, seeing).await;
        seen.map_err(|_| DemoError::NotSeen { what, limit })?
    }

    async fn snapshot(&mut self) -> Result<Box<Snapshot>, DemoError> {
        let event = self.wait("a snapshot", EventName::Snapshot).await?;
        event
            .snapshot
            .ok_or_else(|| differs("a snapshot in its event", None))
    }

    /// Waits for an event of this name. A login that fails meanwhile is an error.
    async fn wait(
        &mut self,
        what: &'static str,
        name: EventName,
    ) -> Result<StreamEvent, DemoError> {
        let waiting = async {
            loop {
                let event = self.stream.next().await;
                let event = event.map_err(DemoError::api("the event stream broke"))?;
                if event.name == name {
                    return Ok(event);
                }
                if let (EventName::LoginFailed, Some(code)) = (event.name, event.code) {
                    return Err(DemoError::LoginRefused(code));
                }
            }
        };
        let limit = LIMIT;
        let waited = timeout(limit, waiting).await;
        waited.map_err(|_| DemoError::NotSeen { what, limit })?
    }
}

/// Prints each step with the time since the start.
struct Steps<'a> {
    out: &'a mut dyn Write,
    started: Instant,
}

impl Steps<'_> {
    fn done(&mut self, step: &str) -> Result<(), DemoError> {
        let time = self.started.elapsed().as_secs_f64();
        writeln!(self.out, "{time:8.3} s  {step}")?;
        self.out.flush()?;
        Ok(())
    }
}
