//! What the commands of the page have: the way to the agent, and what was heard of it last.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cardea_client::Client;
use tokio::sync::Notify;

use super::view::{Known, View};
use crate::arguments::{self, AgentArguments};

/// Shared by the commands and by what follows the agent.
#[derive(Debug)]
pub(crate) struct Desk {
    pub(super) client: Client,
    pub(super) agent: AgentArguments,
    /// Told whenever the page says that it is there.
    pub(super) page_is_there: Notify,
    latest: Mutex<Latest>,
}

#[derive(Debug, Default)]
struct Latest {
    view: Option<View>,
    pairings: usize,
    wanted: Option<arguments::View>,
}

impl Desk {
    pub(super) fn new(client: Client, agent: AgentArguments) -> Self {
        Self {
            client,
            agent,
            page_is_there: Notify::new(),
            latest: Mutex::default(),
        }
    }

    /// What holds now. The agent is asked, as using a program moves the idle deadline without a
    /// change of the session.
    pub(super) async fn now(&self) -> View {
        let asked = self.client.session().await;
        let (pairings, heard) = {
            let latest = self.latest();
            (latest.pairings, latest.view.clone())
        };
        let known = match (asked, heard) {
            (Ok(tagged), _) => Known::Says(Box::new(tagged.snapshot)),
            // What follows the agent knows for how long it has been away.
            (Err(_), Some(heard)) if heard.snapshot.is_none() => return heard,
            (Err(_), heard) => Known::Silent {
                ever: heard.is_some(),
                since: Duration::ZERO,
            },
        };
        View::of(known, pairings, jiff::Timestamp::now().into())
    }

    /// Keeps it, and gives it where the page shows something else.
    pub(super) fn news(&self, view: View) -> Option<View> {
        let mut latest = self.latest();
        let is_news = latest.view.as_ref().is_none_or(|old| !old.shows_as(&view));
        latest.pairings = view.pairings;
        latest.view = Some(view.clone());
        is_news.then_some(view)
    }

    /// Another start of the window wants the page to be at `view`.
    pub(super) fn want(&self, view: arguments::View) {
        self.latest().wanted = Some(view);
    }

    /// The page is there, and goes to what is wanted of it.
    pub(super) fn opened(&self) -> Option<arguments::View> {
        self.page_is_there.notify_waiters();
        self.latest().wanted.take()
    }

    fn latest(&self) -> MutexGuard<'_, Latest> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
