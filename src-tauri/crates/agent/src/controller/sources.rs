//! What the loop reads, and in which order.

use std::sync::Arc;
use std::time::{Duration, Instant};

use cardea_local_api::Request;
use cardea_session::{LoginReport, ReaderEvent};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::Controller;
use crate::environment::Report;
use crate::logins::{Ended, Progress};
use crate::logouts::Checked;
use crate::settings::Loaded;

/// The longest time without a look at the clocks while something waits for them: a timer does
/// not count the time the computer sleeps.
const CLOCK_NET: Duration = Duration::from_secs(5);

/// What the loop reads, beside commands.
pub(crate) struct Sources {
    /// From the operating system.
    pub(crate) environment: mpsc::Receiver<Report>,
    /// From the card source.
    pub(crate) readers: mpsc::Receiver<Sighting>,
    /// From the local API.
    pub(crate) requests: mpsc::Receiver<Request>,
    /// From the settings.
    pub(crate) settings: watch::Receiver<Arc<Loaded>>,
}

/// What the card source reported, and when.
#[derive(Debug)]
pub(crate) struct Sighting {
    pub(crate) event: ReaderEvent,
    pub(crate) at: Instant,
}

impl From<ReaderEvent> for Sighting {
    fn from(event: ReaderEvent) -> Self {
        let at = Instant::now();
        Self { event, at }
    }
}

/// What there is to do next.
pub(super) enum Tick {
    Stop,
    Environment(Report),
    Readers(Sighting),
    Timer,
    Logout(Checked),
    Report(LoginReport),
    Finished(Box<Ended>),
    Settings(Arc<Loaded>),
    Request(Request),
    /// Something of the agent's own came to its end.
    Nothing,
    Lost(&'static str),
}

impl Controller {
    /// Everything that ends a session comes before anything that could start or use one.
    pub(super) async fn next(&mut self, sources: &mut Sources, stop: &CancellationToken) -> Tick {
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
            Some(ended) = self.hooks.ended() => match ended {
                Ok(()) => Tick::Nothing,
                Err(_) => Tick::Lost("a hook's task"),
            },
            Some(ended) = self.examination.ended() => match ended {
                Ok(()) => Tick::Nothing,
                Err(_) => Tick::Lost("the task of an examination"),
            },
            Some(closed) = self.window.closed() => match closed {
                Ok(()) => Tick::Nothing,
                Err(_) => Tick::Lost("the window's task"),
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
}
