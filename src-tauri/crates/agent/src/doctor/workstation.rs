//! What is examined: this computer, as the agent of this user finds it.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use cardea_login::examine::{Discovered, Examination, NoDiscovery, Step};
use cardea_login::{Clock, Keystore, SystemClock};
use cardea_readers::{Diagnostics, PcscSource};
use cardea_session::ReaderEvent;
use tokio::sync::{OnceCell, oneshot};
use tokio::time::timeout;

use super::AgentSeen;
use crate::paths::UserPaths;
use crate::settings::{self, Loaded, Places};

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
    loaded: Arc<OnceLock<Arc<Loaded>>>,
    examination: OnceLock<Option<Arc<Examination>>>,
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
            loaded: Arc::default(),
            examination: OnceLock::new(),
            discovered: OnceCell::new(),
            look: OnceCell::new(),
        }
    }

    /// The settings, read once. Blocks on the disk the first time.
    pub(super) fn settings(&self) -> Arc<Loaded> {
        self.settings_in_thread()()
    }

    /// The same, to be called on a thread that may block.
    pub(super) fn settings_in_thread(&self) -> impl FnOnce() -> Arc<Loaded> + Send + use<> {
        let (loaded, places) = (Arc::clone(&self.loaded), self.places.clone());
        move || Arc::clone(loaded.get_or_init(|| Arc::new(settings::load(&places))))
    }

    /// What looks at CIS2 by these settings; none while they are wrong.
    pub(super) fn examination(&self) -> Option<Arc<Examination>> {
        let begin = || {
            let loaded = self.settings();
            let settings = loaded.errors.is_empty().then(|| loaded.settings.party())?;
            let (keystore, clock) = (Arc::clone(&self.keystore), Arc::clone(&self.clock));
            Some(Arc::new(Examination::new(settings, keystore, clock)))
        };
        self.examination.get_or_init(begin).clone()
    }

    /// What CIS2 says about itself, asked once; none while the settings are wrong.
    pub(super) async fn discovered(&self) -> Option<&Step<Discovered, NoDiscovery>> {
        let examination = self.examination()?;
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
        let settings = self.settings().settings.cards();
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
        let diagnostics = tokio::task::spawn_blocking(move || source.end())
            .await
            .ok()?;
        event.map(|event| CardsSeen {
            event: Some(event),
            diagnostics,
        })
    }
}
