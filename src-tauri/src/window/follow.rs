//! Follows the agent for as long as the window is open.

use std::sync::Arc;
use std::time::Duration;

use cardea_client::session::{EventName, Snapshot, State};
use cardea_client::{Client, Update, Watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::desk::Desk;
use super::view::{Known, View};

/// So often it is seen how long an agent is away, and one that did not answer asked again.
const TICK: Duration = Duration::from_secs(3);

/// A page shows what it is told within this time, or hangs.
const SHOWS_WITHIN: Duration = Duration::from_secs(8);

/// Tells the page whenever it is to show something else, and calls `lost` when the page does
/// not show it: what it says may be wrong by then.
pub(super) async fn follow(desk: Arc<Desk>, tell: impl Fn(View), lost: impl Fn(&str)) {
    let mut watch = Watch::new(desk.client.clone());
    let mut tick = interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut heard = Heard::never();
    let mut pairings = Pairings::default();
    loop {
        tokio::select! {
            update = watch.next() => pairings.hear(&update),
            Some(count) = pairings.asked.join_next() => pairings.answered(count.ok().flatten()),
            _ = tick.tick() => {}
        }
        if desk.page_hangs(SHOWS_WITHIN) {
            lost("it does not show what it is told");
            return;
        }
        if watch.snapshot().is_some() {
            pairings.ask_when_unknown(&desk.client);
        }
        let is_certain = watch.view().session().is_some();
        let Some(known) = heard.known(watch.snapshot(), is_certain) else {
            continue;
        };
        let now = jiff::Timestamp::now().into();
        if let Some(view) = desk.news(View::of(known, pairings.count, now)) {
            tell(view);
        }
    }
}

/// How many programs ask to be let in.
#[derive(Default)]
struct Pairings {
    count: usize,
    is_known: bool,
    /// One question at a time, so that what else is heard does not wait for its answer.
    asked: JoinSet<Option<usize>>,
}

impl Pairings {
    fn hear(&mut self, update: &Update) {
        let Update::Event(event) = update else { return };
        if event.name == EventName::PairingsChanged {
            self.learn(event.count.and_then(|count| usize::try_from(count).ok()));
        } else if event.name == EventName::Snapshot {
            // A stream begins with it, and does not tell what was told while there was none.
            self.is_known = false;
        }
    }

    /// What was told meanwhile is newer.
    fn answered(&mut self, count: Option<usize>) {
        if !self.is_known {
            self.learn(count);
        }
    }

    fn learn(&mut self, count: Option<usize>) {
        self.is_known = count.is_some();
        self.count = count.unwrap_or(self.count);
    }

    fn ask_when_unknown(&mut self, client: &Client) {
        if self.is_known || !self.asked.is_empty() {
            return;
        }
        let client = client.clone();
        let ask = async move { client.pairings().await.ok().map(|all| all.len()) };
        self.asked.spawn(ask);
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
