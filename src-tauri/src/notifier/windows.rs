//! Windows: toasts. Their calls wait, so that they are made on threads of the runtime's.

use std::io;
use std::sync::Arc;

use cardea_desktop_model::Notification;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::{ACCEPTED, accepts};

/// As many threads wait for answers. A toast ends its thread when it goes.
const MOST_WAITING: usize = 4;

/// Toasts have no number here: the library does not give them a tag, so that none replaces another.
pub(super) type Id = ();

/// The toasts of this user.
#[derive(Debug)]
pub(super) struct Service {
    /// One is shown at a time, so that one that hangs takes no more than one thread.
    showing: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

impl Service {
    pub(super) fn new() -> Self {
        Self {
            showing: Arc::new(Semaphore::new(1)),
            waiting: Arc::new(Semaphore::new(MOST_WAITING)),
        }
    }

    /// Shows it. Gives what says whether the user takes what it offers; that ends when the toast
    /// goes.
    pub(super) async fn show(
        &self,
        notification: &Notification,
        _replaced: Option<Id>,
    ) -> io::Result<(Id, impl Future<Output = bool> + Send + use<>)> {
        let mut toast = notify_rust::Notification::new();
        toast
            .app_id("uk.cardea.desktop")
            .summary(&notification.title)
            .body(&notification.body);
        if let Some(offer) = notification.offer {
            toast.action(ACCEPTED, offer.label());
        }
        let showing = Arc::clone(&self.showing).acquire_owned().await;
        let showing = showing.map_err(io::Error::other)?;
        let shown = spawn_blocking(move || {
            let _until_shown = showing;
            toast.show()
        });
        let handle = shown.await?.map_err(io::Error::other)?;
        let waiting = Arc::clone(&self.waiting);
        Ok(((), accepted(handle, waiting)))
    }
}

async fn accepted(handle: notify_rust::NotificationHandle, waiting: Arc<Semaphore>) -> bool {
    let Ok(place) = waiting.try_acquire_owned() else {
        return false;
    };
    let answered = spawn_blocking(move || {
        let _until_answered = place;
        let mut is_accepted = false;
        handle.wait_for_action(|action| is_accepted = accepts(action));
        is_accepted
    });
    answered.await.unwrap_or(false)
}
