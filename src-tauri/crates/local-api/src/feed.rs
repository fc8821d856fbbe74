//! The one way from the controller to every program: a bounded ring of changes, rendered once, and
//! a wake-up.

mod batch;
mod message;
mod revision;
mod ring;
mod subscription;

use std::sync::{Arc, PoisonError, RwLock};

use cardea_session::{Boot, Change, ProviderEnvironment, Snapshot, Time};
use tokio::sync::watch;

pub(crate) use batch::Batch;
pub(crate) use message::{Message, heartbeat, pairings_changed, settings_changed};
pub(crate) use revision::{Revision, Shown, View};
use ring::Ring;
pub(crate) use subscription::{Delivery, Subscription};

/// Makes the feed of one run, which starts at `initial`.
#[must_use]
pub fn feed(initial: &Snapshot) -> (Publisher, Feed) {
    let first = Revision::initial(initial);
    let (wake, woken) = watch::channel(first.number());
    let (settings, other_settings) = watch::channel(());
    let shared = Arc::new(Shared {
        boot: initial.boot.clone(),
        environment: initial.environment,
        ring: RwLock::new(Ring::new(first)),
    });
    let publisher = Publisher {
        shared: Arc::clone(&shared),
        wake,
        settings,
    };
    let feed = Feed {
        shared,
        woken,
        other_settings,
    };
    (publisher, feed)
}

/// The writing end, owned by the controller. Subscribers' streams end when it is dropped.
#[derive(Debug)]
pub struct Publisher {
    shared: Arc<Shared>,
    wake: watch::Sender<u64>,
    settings: watch::Sender<()>,
}

impl Publisher {
    /// Tells every program of `change`, which led to `snapshot`. Never waits for a program.
    pub fn publish(&mut self, change: &Change, snapshot: &Snapshot) {
        let revision = Arc::new(Revision::render(&self.shared.boot, change, snapshot));
        self.shared
            .ring
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .push(revision);
        self.wake.send_replace(change.revision);
    }

    /// Has `snapshot` be what is, where it differs from what was published by the idle deadline alone:
    /// that is no change, and nobody is told.
    pub fn refresh(&mut self, snapshot: &Snapshot) {
        let mut ring = self
            .shared
            .ring
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let fresh = ring.current().rendered_again(&self.shared.boot, snapshot);
        ring.renew(Arc::new(fresh));
    }

    /// Tells Cardea's own programs that the agent took changed settings. No revision comes of it, and
    /// nobody is told later: whoever opens a stream asks.
    pub fn settings_changed(&mut self) {
        self.settings.send_replace(());
    }

    /// How many wait for the next change, or could.
    #[cfg(test)]
    pub(crate) fn readers(&self) -> usize {
        self.wake.receiver_count()
    }
}

/// The reading end.
#[derive(Clone, Debug)]
pub struct Feed {
    shared: Arc<Shared>,
    woken: watch::Receiver<u64>,
    other_settings: watch::Receiver<()>,
}

#[derive(Debug)]
struct Shared {
    boot: Boot,
    environment: ProviderEnvironment,
    ring: RwLock<Ring>,
}

impl Feed {
    /// This run of the agent.
    #[must_use]
    pub fn boot(&self) -> &Boot {
        &self.shared.boot
    }

    /// Which CIS2 the run started with.
    #[must_use]
    pub fn environment(&self) -> ProviderEnvironment {
        self.shared.environment
    }

    /// What is, now.
    pub(crate) fn current(&self) -> Arc<Revision> {
        self.read(|ring| Arc::clone(ring.current()))
    }

    /// Reads on from where `last_event_id` says; from now on when there is none. The first bytes
    /// of a stream come with it.
    pub(crate) fn subscribe(
        &self,
        view: View,
        last_event_id: Option<&str>,
    ) -> (bytes::Bytes, Subscription) {
        Subscription::open(self.clone(), view, last_event_id)
    }

    /// Waits until there is a revision after `seen`; false when there will be none any more.
    pub(crate) async fn passed(&mut self, seen: u64) -> bool {
        self.woken
            .wait_for(|&revision| revision > seen)
            .await
            .is_ok()
    }

    /// Changes each time the settings do from now on.
    pub(crate) fn settings_changes(&self) -> watch::Receiver<()> {
        let mut changes = self.other_settings.clone();
        changes.mark_unchanged();
        changes
    }

    /// What comes after `revision`.
    fn after(&self, revision: u64) -> ring::After {
        self.read(|ring| ring.after(revision))
    }

    fn read<T>(&self, look: impl FnOnce(&Ring) -> T) -> T {
        look(
            &self
                .shared
                .ring
                .read()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }
}

/// The wall clock, for messages that belong to no change.
fn now() -> Time {
    jiff::Timestamp::now().into()
}

#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod tests;
