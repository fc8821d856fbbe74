//! `cardea doctor`.

use std::io::{self, IsTerminal as _, Write};
use std::path::PathBuf;
use std::sync::Arc;

use cardea_agent::Removal;
use cardea_agent::credential::SystemKeystore;
use cardea_agent::doctor::{AgentSeen, Cards, Depth, Doctor, RunningAgent, Workstation};
use cardea_agent::paths::UserPaths;
use cardea_agent::settings::{Build, Places};
use cardea_client::{Client, ClientError};
use tokio::sync::mpsc;

use crate::arguments::DoctorArguments;
use crate::failure::CommandError;
use crate::output::doctor::{Progress, Report};
use crate::output::json;

/// Events that wait to be printed; the checks wait for a slow terminal.
const QUEUE: usize = 8;

pub(super) async fn run(
    arguments: DoctorArguments,
    build: Build,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    let progress = match (arguments.json_lines, arguments.json) {
        (true, _) => Progress::Events,
        (false, true) => Progress::Silent,
        (false, false) if io::stdout().is_terminal() => Progress::Live,
        (false, false) => Progress::Lines,
    };
    let mut report = Report::new(progress);
    let depth = match arguments.cis2 {
        true => Depth::Cis2,
        false => Depth::Usual,
    };
    #[cfg(feature = "simulator")]
    if let Some(client) = super::demo::named_agent() {
        asked(&client, depth, &mut report, out).await?;
        return conclude(&report, progress, out);
    }
    let workstation = Arc::new(workstation(arguments.config, build, depth).await?);
    examine(workstation, &mut report, out).await?;
    conclude(&report, progress, out)
}

/// Runs every check into the report, as far as it can be printed.
pub(super) async fn examine(
    workstation: Arc<Workstation>,
    report: &mut Report,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (tell, events) = mpsc::channel(QUEUE);
    let doctor = Doctor::default();
    let examining = doctor.examine(workstation, tell);
    let printing = async {
        let mut events = events;
        while let Some(event) = events.recv().await {
            report.take(event, out)?;
        }
        // When it cannot be printed nobody listens any more, and the checks end.
        Ok(())
    };
    tokio::join!(examining, printing).1
}

fn conclude(report: &Report, progress: Progress, out: &mut dyn Write) -> Result<(), CommandError> {
    match progress {
        Progress::Silent => json::pretty(report, out)?,
        Progress::Lines | Progress::Live => report.conclude(out)?,
        // The last event has said it.
        Progress::Events => {}
    }
    match report.failures() {
        0 => Ok(()),
        count => Err(CommandError::ChecksFailed { count }),
    }
}

/// This computer, as the agent of this user finds it.
pub(super) async fn workstation(
    config: Option<PathBuf>,
    build: Build,
    depth: Depth,
) -> Result<Workstation, CommandError> {
    let paths = UserPaths::from_environment()?;
    let places = Places::of_this_computer(config, &paths, build);
    let keystore = Arc::new(SystemKeystore::new()?);
    let agent = look_for_agent().await;
    Ok(Workstation::new(
        places,
        paths,
        keystore,
        Cards::Look,
        agent,
        depth,
    ))
}

async fn look_for_agent() -> AgentSeen {
    let client = match Client::local() {
        Ok(client) => client,
        Err(error) => return not_seen(&error),
    };
    match seen(&client).await {
        Ok(agent) => AgentSeen::Running(Box::new(agent)),
        Err(error) => not_seen(&error),
    }
}

fn not_seen(error: &ClientError) -> AgentSeen {
    if matches!(
        error,
        ClientError::NotRunning(_) | ClientError::NoRuntimeFolder
    ) {
        return AgentSeen::NotRunning;
    }
    AgentSeen::Unwell(error.to_string())
}

async fn seen(client: &Client) -> Result<RunningAgent, ClientError> {
    let diagnostics = client.diagnostics().await?;
    let snapshot = client.session().await?.snapshot;
    let removals = diagnostics.removals.into_iter().map(|removal| Removal {
        at: removal.at,
        reader: removal.reader,
        published_after_us: removal.published_after_us,
    });
    // One that cannot be listed is not asked for its proof.
    let apps = client.apps().await.unwrap_or_default();
    Ok(RunningAgent {
        login_under_way: snapshot.login.is_some(),
        apps: apps.into_iter().map(|app| app.id).collect(),
        version: diagnostics.version,
        boot: diagnostics.boot,
        state: snapshot.state,
        failure: snapshot.failure,
        card_bound: snapshot.session.map(|session| session.card_bound),
        removals: removals.collect(),
        unknown_callers: diagnostics.unknown_callers,
    })
}

/// The agent's own doctor.
#[cfg(feature = "simulator")]
async fn asked(
    client: &Client,
    depth: Depth,
    report: &mut Report,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    use cardea_client::session::DoctorEvent;

    let failed = || CommandError::agent("cannot check this computer");
    let mut events = client
        .doctor(depth == Depth::Cis2)
        .await
        .map_err(failed())?;
    loop {
        let event = events.next().await.map_err(failed())?;
        let is_last = matches!(event, DoctorEvent::Done { .. });
        report.take(event, out)?;
        if is_last {
            return Ok(());
        }
    }
}
