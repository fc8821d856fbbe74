//! Notifications, by the desktop's service. It may be absent, slow or hang; nothing depends on it.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(windows)]
mod windows;

use std::collections::HashMap;
use std::time::Duration;

use cardea_desktop_model::{Kind, Notification, Offer};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::timeout;

use crate::screen::Request;
#[cfg(target_os = "linux")]
use linux::{Id, Service};
#[cfg(windows)]
use windows::{Id, Service};

/// So many may wait to be shown; more are not worth showing.
const QUEUE: usize = 8;
/// A service that has not taken a notification by then hangs.
const SHOW_LIMIT: Duration = Duration::from_secs(5);
/// What a notification offers is good for so long.
const ANSWER_LIMIT: Duration = Duration::from_secs(15 * 60);

/// The name of what a notification offers.
const ACCEPTED: &str = "accepted";
/// The name of a click on the notification itself.
const CLICKED: &str = "default";

/// Shows notifications, on a task that ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Notifier {
    queue: Sender<Notification>,
    _task: JoinSet<()>,
}

impl Notifier {
    /// Starts the task on the runtime that this is called in; what the user answers goes to
    /// `requests`.
    pub(crate) fn start(requests: Sender<Request>) -> Self {
        let (queue, notifications) = channel(QUEUE);
        let mut task = JoinSet::new();
        task.spawn(Board::new(requests).show_all(notifications));
        Self { queue, _task: task }
    }

    /// Shows a notification some time soon, or not at all.
    pub(crate) fn tell(&self, notification: Notification) {
        match self.queue.try_send(notification) {
            Ok(()) => {}
            Err(TrySendError::Full(notification) | TrySendError::Closed(notification)) => {
                tracing::debug!(kind = ?notification.kind, "a notification is not shown");
            }
        }
    }
}

/// So long a notification is waited for on the way out.
const FAREWELL_LIMIT: Duration = Duration::from_secs(2);

/// Shows a notification on the way out.
pub(crate) async fn tell_at_last(notification: &Notification) {
    let service = Service::new();
    match timeout(FAREWELL_LIMIT, service.show(notification, None)).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => tracing::warn!(%error, "the desktop shows no notifications"),
        Err(_) => tracing::warn!("the desktop shows no notification in time"),
    }
}

/// What a notification is about: a newer one takes the place of the older.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Slot {
    /// Who is signed in, and for how long: once it is over, nothing says so any more.
    Session,
    Card,
    Attention,
    Pairing,
}

impl Slot {
    fn of(kind: Kind) -> Self {
        match kind {
            Kind::SignedIn | Kind::SignedOut | Kind::Expiring => Self::Session,
            Kind::Card => Self::Card,
            Kind::Attention => Self::Attention,
            Kind::Pairing => Self::Pairing,
        }
    }
}

/// What was shown; at most one in each slot, and as many wait for an answer.
struct Board {
    service: Service,
    requests: Sender<Request>,
    shown: HashMap<Slot, Pinned>,
    answers: JoinSet<()>,
    is_failing: bool,
}

/// The notification of a slot.
struct Pinned {
    id: Id,
    answer: Option<AbortHandle>,
}

impl Board {
    fn new(requests: Sender<Request>) -> Self {
        Self {
            service: Service::new(),
            requests,
            shown: HashMap::new(),
            answers: JoinSet::new(),
            is_failing: false,
        }
    }

    async fn show_all(mut self, mut notifications: Receiver<Notification>) {
        loop {
            tokio::select! {
                next = notifications.recv() => match next {
                    Some(notification) => self.show(&notification).await,
                    None => return,
                },
                // Taken off the set, so that it does not grow.
                Some(_) = self.answers.join_next() => {}
            }
        }
    }

    /// Shows it in the place of the older one of its slot.
    async fn show(&mut self, notification: &Notification) {
        let older = self.shown.remove(&Slot::of(notification.kind));
        if let Some(answer) = older.as_ref().and_then(|older| older.answer.as_ref()) {
            answer.abort();
        }
        let shown = self.service.show(notification, older.map(|older| older.id));
        let shown = match timeout(SHOW_LIMIT, shown).await {
            Ok(shown) => shown.map_err(|error| error.to_string()),
            Err(_) => Err(format!("it does not answer within {SHOW_LIMIT:?}")),
        };
        match shown {
            Ok((id, accepted)) => {
                self.is_failing = false;
                let answer = notification
                    .offer
                    .map(|offer| self.await_answer(offer, accepted));
                self.shown
                    .insert(Slot::of(notification.kind), Pinned { id, answer });
            }
            Err(error) if self.is_failing => tracing::debug!(%error, "no notification is shown"),
            Err(error) => {
                self.is_failing = true;
                tracing::warn!(%error, "the desktop shows no notifications");
            }
        }
    }

    fn await_answer(
        &mut self,
        offer: Offer,
        accepted: impl Future<Output = bool> + Send + 'static,
    ) -> AbortHandle {
        let requests = self.requests.clone();
        self.answers.spawn(async move {
            if timeout(ANSWER_LIMIT, accepted).await == Ok(true) {
                // A full queue has more than enough of what the user asked for.
                let _ = requests.try_send(Request::Accepted(offer));
            }
        })
    }
}

/// Whether this is how the user takes what was offered.
fn accepts(action: &str) -> bool {
    action == ACCEPTED || action == CLICKED
}
