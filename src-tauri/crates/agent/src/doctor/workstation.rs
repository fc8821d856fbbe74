//! What is examined: this computer, as the agent of this user finds it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cardea_login::examine::{Discovered, Examination, NoDiscovery, Step};
use cardea_login::{Clock, Keystore, SystemClock};
use cardea_readers::{Diagnostics, PcscSource};
use cardea_session::ReaderEvent;
use tokio::sync::{OnceCell, oneshot, watch};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::AgentSeen;
use crate::paths::UserPaths;
use crate::settings::{self, Loaded, Places};

/// How long the places of the settings may take: less than a check may.
const SETTINGS_LIMIT: Duration = Duration::from_secs(5);

/// How long the card service may take for a first look.
const LOOK_LIMIT: Duration = Duration::from_secs(5);

/// What the checks look at.
pub struct Workstation {
    /// Where the settings are.
    pub places: Places,
    /// Where this user's files are.
    pub paths: UserPaths,
    /// Where the client credential is.
    pub keystore: Arc<dyn Keystore>,
    /// Where the readers are seen.
    pub cards: Cards,
    /// The agent that runs for this user.
    pub agent: AgentSeen,
    /// How far to look.
    pub depth: Depth,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    loaded: OnceCell<watch::Receiver<Option<Arc<Loaded>>>>,
    settings_are_silent: AtomicBool,
    examination: OnceCell<Option<Arc<Examination>>>,
    discovered: OnceCell<Step<Discovered, NoDiscovery>>,
    look: OnceCell<Option<CardsSeen>>,
}

/// Where the readers are seen.
#[derive(Debug)]
pub enum Cards {
    /// By a look of our own.
    Look,
    /// By the agent's card source: one process may ask PC/SC for reader states only once at a time.
    Seen(CardsSeen),
}

/// What was seen of the readers.
#[derive(Clone, Debug)]
pub struct CardsSeen {
    /// The report.
    pub event: Option<ReaderEvent>,
    /// What PC/SC said beside it.
    pub diagnostics: Diagnostics,
}

/// How far to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// What every sign-in needs.
    Usual,
    /// Also what CIS2 says about itself, against our settings (`--cis2`).
    Cis2,
}

impl Workstation {
    /// This computer by its own clock.
    #[must_use]
    pub fn new(
        places: Places,
        paths: UserPaths,
        keystore: Arc<dyn Keystore>,
        cards: Cards,
        agent: AgentSeen,
        depth: Depth,
    ) -> Self {
        Self {
            places,
            paths,
            keystore,
            cards,
            agent,
            depth,
            clock: Arc::new(SystemClock),
            loaded: OnceCell::new(),
            settings_are_silent: AtomicBool::new(false),
            examination: OnceCell::new(),
            discovered: OnceCell::new(),
            look: OnceCell::new(),
        }
    }

    /// The settings, read once, on a thread that may block; none when a place of theirs does not
    /// answer in time. Who asks later does not wait again.
    pub(super) async fn settings(&self) -> Option<Arc<Loaded>> {
        let begin = || async {
            let (read, loaded) = watch::channel(None);
            let places = self.places.clone();
            spawn_blocking(move || {
                let settings = Arc::new(settings::load(&places));
                // Nobody waits any longer when the examination is over.
                let _over = read.send(Some(settings));
            });
            loaded
        };
        let mut loaded = self.loaded.get_or_init(begin).await.clone();
        if !self.settings_are_silent.load(Ordering::Relaxed)
            && timeout(SETTINGS_LIMIT, loaded.wait_for(Option::is_some))
                .await
                .is_err()
        {
            self.settings_are_silent.store(true, Ordering::Relaxed);
        }
        loaded.borrow().clone()
    }

    /// What looks at CIS2 by these settings; none while they are wrong or not read.
    pub(super) async fn examination(&self) -> Option<Arc<Examination>> {
        let begin = || async {
            let loaded = self.settings().await?;
            let settings = loaded.errors.is_empty().then(|| loaded.settings.party())?;
            let (keystore, clock) = (Arc::clone(&self.keystore), Arc::clone(&self.clock));
            Some(Arc::new(Examination::new(settings, keystore, clock)))
        };
        self.examination.get_or_init(begin).await.clone()
    }

    /// What CIS2 says about itself, asked once; none while the settings are wrong.
    pub(super) async fn discovered(&self) -> Option<&Step<Discovered, NoDiscovery>> {
        let examination = self.examination().await?;
        let ask = || async move { examination.discovery().await };
        Some(self.discovered.get_or_init(ask).await)
    }

    /// The readers, looked at once; none when the card service did not come back in time.
    pub(super) async fn readers(&self) -> Option<&CardsSeen> {
        match &self.cards {
            Cards::Seen(seen) => Some(seen),
            Cards::Look => self.look.get_or_init(|| self.look()).await.as_ref(),
        }
    }

    /// The source's first report, and what it knows in the end.
    async fn look(&self) -> Option<CardsSeen> {
        let settings = self.settings().await?.settings.cards();
        let (tell, told) = oneshot::channel();
        let tell = std::sync::Mutex::new(Some(tell));
        let sink = Box::new(move |event| {
            let teller = tell.lock().ok().and_then(|mut tell| tell.take());
            if let Some(teller) = teller {
                // Nobody waits any longer when the look took too long.
                let _late = teller.send(event);
            }
        });
        let source = PcscSource::start(settings, sink).ok()?;
        let event = timeout(LOOK_LIMIT, told).await.ok().and_then(Result::ok);
        // Why the service was lost is known after the report.
        let diagnostics = spawn_blocking(move || source.end()).await.ok()?;
        event.map(|event| CardsSeen {
            event: Some(event),
            diagnostics,
        })
    }
}
