//! One run of the agent: puts the parts together, runs the loop, takes them apart in order.

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use cardea_local_api::{BindError, Endpoint, Feed, Request, Server, feed};
use cardea_login::{Browser, Keystore};
use cardea_readers::{CardSettings, CardSource, Sink, StartError};
use cardea_session::{Boot, Failure, Machine, ProviderEnvironment};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::audit::Audit;
use crate::clock::Clock;
use crate::controller::{Controller, End, Sighting, Sources};
use crate::environment;
use crate::event_log::EventLog;
use crate::examination::Examination;
use crate::followers::{Followers, LoginParts};
use crate::last_run::{LastRun, RunMarker};
use crate::logs::{self, Terminal};
use crate::paths::UserPaths;
use crate::record::Record;
use crate::retention::Retention;
use crate::settings::{self, Loaded, Places, Watch};
use crate::shutdown::shut_down;

/// Reports of the card source that wait for the loop; a full queue holds the source up, which
/// loses nothing.
const READER_EVENTS: usize = 64;
/// Requests of programs that wait for the loop; a full queue holds the programs up.
const REQUESTS: usize = 64;

/// Starts a card source.
pub type StartCards =
    Box<dyn FnOnce(CardSettings, Sink) -> Result<Box<dyn CardSource>, StartError> + Send>;

/// What an agent is made of beside its settings.
pub struct Parts {
    /// Where the settings are.
    pub places: Places,
    /// Where this user's files are.
    pub paths: UserPaths,
    /// Whether the log is also shown.
    pub terminal: Terminal,
    /// Shown as the environment in place of the setting: the simulator's.
    pub environment: Option<ProviderEnvironment>,
    /// Where cards come from.
    pub cards: StartCards,
    /// Where the client credential is.
    pub keystore: Arc<dyn Keystore>,
    /// What shows the user the login.
    pub browser: Arc<dyn Browser>,
}

/// Runs an agent until `stop`; `ready` is told where it is to be found.
///
/// # Errors
/// When it cannot start, or when a part of it is lost: only a new process can help then.
pub async fn run(
    parts: Parts,
    ready: impl FnOnce(&Endpoint),
    stop: CancellationToken,
) -> Result<()> {
    let loaded = Arc::new(settings::load(&parts.places));
    let log = &loaded.settings.log;
    let retention = Retention::from(log);
    let logs = logs::start(&parts.paths.logs(), log.level, retention, parts.terminal)
        .context("logs cannot be written")?;
    let audit = Audit::open(parts.paths.audit(), retention)?;
    let event_log = EventLog::start().context("the Event Log cannot be written")?;
    let record = Record::new(audit, event_log);

    let (desktop, environment) =
        environment::watch().context("the desktop session cannot be watched")?;

    let clock = Clock::start();
    let examination = Examination::new(
        parts.places.clone(),
        parts.paths.clone(),
        Arc::clone(&parts.keystore),
    );
    let login = LoginParts {
        keystore: parts.keystore,
        browser: parts.browser,
        environment: parts.environment,
    };
    let machine = Machine::new(new_boot()?, login.rules(&loaded.settings), clock.now());
    let (publisher, feed) = feed(&machine.snapshot());
    let (ask, requests) = mpsc::channel(REQUESTS);
    let (server, standing) = listen(&loaded, &parts.paths, feed, ask)?;
    let marker = mark(&parts.paths, &record);
    let endpoint = server.endpoint().clone();
    let apps = server.apps();

    let (report, readers) = mpsc::channel(READER_EVENTS);
    let cards = (parts.cards)(loaded.settings.cards(), sink(report))
        .context("the card readers cannot be watched")?;
    let watch = Watch::start(parts.places, Arc::clone(&loaded))?;
    let followers = Followers::new(login, cards, apps, logs);

    let mut controller = Controller::new(machine, clock, publisher, followers, record, examination);
    controller.begin(&loaded, standing);
    let sources = Sources {
        environment,
        readers,
        requests,
        settings: watch.changes(),
    };
    let api_stop = CancellationToken::new();
    let mut api = tokio::spawn(server.run(api_stop.clone()));
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "the agent is ready");
    ready(&endpoint);

    let end = tokio::select! {
        end = controller.run(sources, &stop) => end,
        _ended = &mut api => End::Lost("the local API"),
    };
    // After a loss the next run says that this one was cut short.
    let marker = marker.filter(|_| end == End::Stopped);
    shut_down(controller, marker, api, &api_stop, watch, desktop).await;
    match end {
        End::Stopped => Ok(()),
        End::Lost(part) => bail!("{part} was lost; start the agent again"),
    }
}

/// Marks that an agent runs here, now that no other one does.
fn mark(paths: &UserPaths, record: &Record) -> Option<RunMarker> {
    match RunMarker::set(paths.run_marker()) {
        Ok((marker, LastRun::InOrder)) => Some(marker),
        Ok((marker, LastRun::CutShort)) => {
            record.agent_restarted();
            Some(marker)
        }
        Err(error) => {
            tracing::warn!(%error, "if this run is cut short, the next one cannot know");
            None
        }
    }
}

/// Listens; without a port when the settings' ports are taken, so that `status` can say why.
fn listen(
    loaded: &Loaded,
    paths: &UserPaths,
    feed: Feed,
    ask: mpsc::Sender<Request>,
) -> Result<(Server, Option<Failure>)> {
    let places = cardea_local_api::Places {
        socket: paths.socket(),
        endpoint: paths.endpoint(),
        apps: paths.apps(),
    };
    let settings = loaded.settings.local_api();
    match Server::bind(settings.clone(), &places, feed.clone(), ask.clone()) {
        Ok(server) => Ok((server, None)),
        Err(error @ (BindError::ApiPortBusy { .. } | BindError::Port(_))) => {
            tracing::error!(%error, "programs cannot reach the agent by TCP");
            let failure = Failure::with_detail(error.failure_code(), &error);
            let server = Server::bind_socket_only(settings, &places, feed, ask)?;
            Ok((server, Some(failure)))
        }
        Err(error @ BindError::SocketBusy { .. }) => {
            let code = error.failure_code();
            Err(error).with_context(|| format!("{} {}", code.message(), code.remedy()))
        }
        // The others say themselves what to do.
        Err(error) => Err(error.into()),
    }
}

/// Hands reports to the loop from the card source's own thread.
fn sink(report: mpsc::Sender<Sighting>) -> Sink {
    Box::new(move |event| {
        // Without a loop there is nobody to tell; the source is stopped soon.
        let _gone = report.blocking_send(event.into());
    })
}

/// 128 random bits.
fn new_boot() -> Result<Boot> {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes)
        .ok()
        .context("no random numbers")?;
    Ok(Boot::new(
        bytes
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>(),
    ))
}
