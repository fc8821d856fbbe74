//! What the commands of the page have: the way to the agent, and what was heard of it last.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cardea_client::Client;
use tokio::sync::{Notify, Semaphore, SemaphorePermit};
use tokio::time::Instant;

use super::failure::{Answer, Failure};
use super::view::{Known, View};
use crate::arguments::{self, AgentArguments};

/// Shared by the commands and by what follows the agent.
#[derive(Debug)]
pub(crate) struct Desk {
    pub(super) client: Client,
    pub(super) agent: AgentArguments,
    /// Told whenever the page says that it is there.
    pub(super) page_is_there: Notify,
    tools: Semaphore,
    latest: Mutex<Latest>,
}

/// So many programs beside this one run at a time: each view asks one thing.
const TOOLS: usize = 3;

#[derive(Debug, Default)]
struct Latest {
    view: Option<View>,
    wanted: Option<arguments::View>,
    /// So often the page was told something.
    told: u64,
    /// Since when it does not show all of it.
    unshown_since: Option<Instant>,
    /// Whether it was there at all.
    was_opened: bool,
}

impl Desk {
    pub(super) fn new(client: Client, agent: AgentArguments) -> Self {
        Self {
            client,
            agent,
            page_is_there: Notify::new(),
            tools: Semaphore::new(TOOLS),
            latest: Mutex::default(),
        }
    }

    /// What holds now. The agent is asked, as using a program moves the idle deadline without a
    /// change of the session.
    pub(super) async fn now(&self) -> View {
        let asked = self.client.session().await;
        let heard = self.latest().view.clone();
        let pairings = heard.as_ref().map_or(0, |heard| heard.pairings);
        let known = match (asked, heard) {
            (Ok(tagged), _) => Known::Says(Box::new(tagged.snapshot)),
            // What follows the agent knows better whether it is there, and for how long it is not.
            (Err(_), Some(heard)) => return heard,
            (Err(_), None) => Known::Silent {
                ever: false,
                since: Duration::ZERO,
            },
        };
        View::of(known, pairings, jiff::Timestamp::now().into())
    }

    /// Keeps it, and gives it where the page shows something else.
    pub(super) fn news(&self, view: View) -> Option<View> {
        let mut latest = self.latest();
        let is_news = latest.view.as_ref().is_none_or(|old| !old.shows_as(&view));
        latest.view = Some(view.clone());
        is_news.then_some(view)
    }

    /// A place for one more program beside this one; few at a time, whatever the page asks.
    pub(super) fn tool(&self) -> Answer<SemaphorePermit<'_>> {
        self.tools.try_acquire().map_err(|_| Failure::busy())
    }

    /// The page was told something; gives the number by which it says that it shows it.
    pub(super) fn told(&self) -> u64 {
        let mut latest = self.latest();
        latest.told += 1;
        latest.unshown_since.get_or_insert_with(Instant::now);
        latest.told
    }

    /// The page shows what it was told under this number.
    pub(super) fn shown(&self, number: u64) {
        let mut latest = self.latest();
        if number >= latest.told {
            latest.unshown_since = None;
        }
    }

    /// Whether the page, which was there, does not show what it was told so long ago.
    pub(super) fn page_hangs(&self, limit: Duration) -> bool {
        let latest = self.latest();
        let since = latest.unshown_since.filter(|_| latest.was_opened);
        since.is_some_and(|since| since.elapsed() >= limit)
    }

    /// Another start of the window wants the page to be at `view`.
    pub(super) fn want(&self, view: arguments::View) {
        self.latest().wanted = Some(view);
    }

    /// The page is there, and goes to what is wanted of it.
    pub(super) fn opened(&self) -> Option<arguments::View> {
        self.page_is_there.notify_waiters();
        let mut latest = self.latest();
        if !latest.was_opened {
            // What was told before it could hear it has to ask for.
            latest.was_opened = true;
            latest.unshown_since = None;
        }
        latest.wanted.take()
    }

    fn latest(&self) -> MutexGuard<'_, Latest> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
