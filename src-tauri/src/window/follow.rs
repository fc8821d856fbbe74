//! Follows the agent for as long as the window is open.

use std::sync::Arc;
use std::time::Duration;

use cardea_client::session::{Snapshot, State};
use cardea_client::{Update, Watch};
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::desk::Desk;
use super::view::{Known, View};

/// So often it is asked which programs want to be let in, and seen how long the agent is away.
const TICK: Duration = Duration::from_secs(3);

/// Tells the page whenever it is to show something else.
pub(super) async fn follow(desk: Arc<Desk>, tell: impl Fn(View)) {
    let mut watch = Watch::new(desk.client.clone());
    let mut tick = interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut heard = Heard::never();
    let mut pairings = 0;
    loop {
        let is_new_agent = tokio::select! {
            update = watch.next() => matches!(update, Update::View(_)),
            _ = tick.tick() => true,
        };
        if is_new_agent && watch.snapshot().is_some() {
            // An agent that does not say is asked again.
            pairings = desk
                .client
                .pairings()
                .await
                .map_or(pairings, |all| all.len());
        }
        let is_certain = watch.view().session().is_some();
        let Some(known) = heard.known(watch.snapshot(), is_certain) else {
            continue;
        };
        if let Some(view) = desk.news(View::of(known, pairings, jiff::Timestamp::now().into())) {
            tell(view);
        }
    }
}

/// When the agent was heard last.
struct Heard {
    ever: bool,
    last: Instant,
}

impl Heard {
    fn never() -> Self {
        Self {
            ever: false,
            last: Instant::now(),
        }
    }

    /// What is known; none while an end was said and the snapshot that says the rest is on its way,
    /// so that nobody is shown who is not certain.
    fn known(&mut self, snapshot: Option<&Snapshot>, is_certain: bool) -> Option<Known> {
        let Some(snapshot) = snapshot else {
            return Some(Known::Silent {
                ever: self.ever,
                since: self.last.elapsed(),
            });
        };
        self.ever = true;
        self.last = Instant::now();
        if snapshot.state == State::Active && !is_certain {
            return None;
        }
        Some(Known::Says(Box::new(snapshot.clone())))
    }
}
