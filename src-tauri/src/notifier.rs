//! Notifications, by the desktop's service, on threads of their own: the service may take its time,
//! and nothing depends on it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

use cardea_desktop_model::{Kind, Notification, Offer};
use tokio::sync::mpsc::Sender;

use crate::screen::Request;

/// So many may wait to be shown; more are not worth showing.
const QUEUE: usize = 8;
/// So many answers are waited for at a time.
const MOST_WAITING: usize = 4;

/// Shows notifications. Its thread ends when this is dropped.
#[derive(Clone, Debug)]
pub(crate) struct Notifier {
    queue: SyncSender<Notification>,
}

impl Notifier {
    /// Starts the thread; what the user answers goes to `requests`.
    pub(crate) fn start(requests: Sender<Request>) -> std::io::Result<Self> {
        let (queue, notifications) = sync_channel(QUEUE);
        thread::Builder::new()
            .name("notifications".to_owned())
            .spawn(move || show_all(&notifications, &requests))?;
        Ok(Self { queue })
    }

    /// Shows a notification some time soon, or not at all.
    pub(crate) fn tell(&self, notification: Notification) {
        match self.queue.try_send(notification) {
            Ok(()) => {}
            Err(TrySendError::Full(notification) | TrySendError::Disconnected(notification)) => {
                tracing::warn!(kind = ?notification.kind, "a notification is not shown");
            }
        }
    }
}

/// So long a single notification is waited for.
const ONCE: Duration = Duration::from_secs(2);

/// Shows a notification on the way out: it is waited for, but not for long.
pub(crate) fn tell_once(notification: &Notification) {
    let (shown, is_shown) = sync_channel(1);
    let notification = notification.clone();
    let show = move || {
        let result = made(&notification).show();
        // Who has left does not want to know.
        let _ = shown.send(result.map(drop));
    };
    let started = thread::Builder::new().spawn(show);
    match started.map(|_| is_shown.recv_timeout(ONCE)) {
        Ok(Ok(Ok(()))) => {}
        other => tracing::warn!(?other, "the desktop shows no notification"),
    }
}

fn show_all(notifications: &Receiver<Notification>, requests: &Sender<Request>) {
    let waiting = Arc::new(AtomicUsize::new(0));
    while let Ok(notification) = notifications.recv() {
        match made(&notification).show() {
            Ok(handle) => wait_for_answer(handle, notification.offer, requests, &waiting),
            Err(error) => tracing::warn!(%error, "the desktop shows no notification"),
        }
    }
}

fn made(notification: &Notification) -> notify_rust::Notification {
    let mut made = notify_rust::Notification::new();
    made.appname("Cardea")
        .summary(&notification.title)
        .body(&escaped(&notification.body));
    if let Some(offer) = notification.offer {
        made.action(ACCEPTED, offer.label());
    }
    urge(&mut made, notification.kind);
    made
}

const ACCEPTED: &str = "accepted";

#[cfg(target_os = "linux")]
fn urge(shown: &mut notify_rust::Notification, kind: Kind) {
    use notify_rust::Urgency;
    shown.urgency(match kind {
        Kind::Card | Kind::SignedIn => Urgency::Low,
        Kind::SignedOut | Kind::Attention | Kind::Pairing => Urgency::Normal,
        Kind::Expiring => Urgency::Critical,
    });
}

#[cfg(windows)]
fn urge(shown: &mut notify_rust::Notification, _kind: Kind) {
    shown.app_id("uk.cardea.desktop");
}

/// One of those that wait; given up however the waiting ends.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(waiting: &Arc<AtomicUsize>) -> Self {
        waiting.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(waiting))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Waits on a thread that ends when the notification goes; the process's end takes it along.
fn wait_for_answer(
    handle: notify_rust::NotificationHandle,
    offer: Option<Offer>,
    requests: &Sender<Request>,
    waiting: &Arc<AtomicUsize>,
) {
    let Some(offer) = offer else { return };
    if waiting.load(Ordering::Relaxed) >= MOST_WAITING {
        return;
    }
    let place = Place::take(waiting);
    let requests = requests.clone();
    let wait = move || {
        let _place = place;
        handle.wait_for_action(|action| {
            // The body of a notification is its default action.
            if action == ACCEPTED || action == "default" {
                // A full queue has more than enough of what the user asked for.
                let _ = requests.try_send(Request::Accepted(offer));
            }
        });
    };
    let thread = thread::Builder::new().name("notification".to_owned());
    if let Err(error) = thread.spawn(wait) {
        tracing::warn!(%error, "nobody waits for a notification's answer");
    }
}

/// Bodies are a kind of HTML on most Linux desktops; a name may hold anything.
fn escaped(text: &str) -> String {
    if cfg!(windows) {
        return text.to_owned();
    }
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
