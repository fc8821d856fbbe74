//! Linux: the Desktop Notifications Specification, on the session bus.

use cardea_desktop_model::{Kind, Notification};
use notify_rust::{NotificationResponse, Urgency};

use super::{ACCEPTED, CLICKED, accepts};

/// The service's number of a notification.
pub(super) type Id = u32;

/// The service of this desktop.
#[derive(Debug)]
pub(super) struct Service;

impl Service {
    pub(super) fn new() -> Self {
        Self
    }

    /// Shows it in the place of the one with the number `replaced`. Gives its number, and what
    /// says whether the user takes what it offers; that ends when the notification goes.
    pub(super) async fn show(
        &self,
        notification: &Notification,
        replaced: Option<Id>,
    ) -> notify_rust::error::Result<(Id, impl Future<Output = bool> + Send + use<>)> {
        let mut shown = notify_rust::Notification::new();
        shown
            .appname("Cardea")
            .summary(&notification.title)
            .body(&escaped(&notification.body))
            .urgency(urgency(notification.kind));
        if let Some(offer) = notification.offer {
            shown.action(ACCEPTED, offer.label());
        }
        if let Some(id) = replaced {
            shown.id(id);
        }
        let handle = shown.show_async().await?;
        let id = handle.id();
        Ok((id, accepted(handle)))
    }
}

async fn accepted(handle: notify_rust::NotificationHandle) -> bool {
    let mut is_accepted = false;
    handle
        .wait_for_action_async(|response| {
            is_accepted = match response {
                NotificationResponse::Default => accepts(CLICKED),
                NotificationResponse::Action(action) => accepts(action),
                NotificationResponse::Reply(_) | NotificationResponse::Closed(_) => false,
            };
        })
        .await;
    is_accepted
}

fn urgency(kind: Kind) -> Urgency {
    match kind {
        Kind::Card | Kind::SignedIn => Urgency::Low,
        Kind::SignedOut | Kind::Attention | Kind::Pairing => Urgency::Normal,
        Kind::Expiring => Urgency::Critical,
    }
}

/// Bodies are a kind of HTML on most desktops; a name may hold anything.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
