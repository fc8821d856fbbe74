//! What the controller shows things on, and what the user asks back.

use cardea_desktop_model::{Action, Icon, Menu, Notification, Offer};

/// Everything that the tray shows at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) icon: Icon,
    pub(crate) tooltip: String,
    pub(crate) menu: Menu,
}

impl Shown {
    /// Notes what the user sees: no words, as there may be a name in them.
    pub(crate) fn log(&self) {
        let can: Vec<&str> = self.menu.enabled().map(Action::as_str).collect();
        tracing::info!(
            icon = self.icon.as_str(),
            can = can.join(" "),
            "the tray shows"
        );
    }
}

/// The user's screen. None of these wait.
pub(crate) trait Screen: Send {
    /// Shows the tray so.
    fn show(&self, shown: Shown);
    /// Tells the user something; it may not be seen.
    fn tell(&self, notification: Notification);
}

/// What the user asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Request {
    /// By the menu.
    Chosen(Action),
    /// By a notification.
    Accepted(Offer),
}
