//! What the desktop shows, as values: from what is [`Known`] to [`Icon`], tooltip, [`Menu`] and
//! [`Notification`]s; and the [`Supervision`] of the agent as a machine of its own.
//!
//! Pure: no I/O, no clock, no window system. The shell carries out what these say.

mod desktop;
mod icon;
mod known;
mod menu;
pub mod messages;
mod notification;
mod supervision;
#[cfg(test)]
mod testing;
mod texts;
mod tooltip;

pub use desktop::{CardNotice, Desktop, Kinds, setting_value};
pub use icon::Icon;
pub use known::{Agent, Known};
pub use menu::{Action, Entry, Menu, menu};
pub use notification::{Kind, Notification, Offer, notifications, refused, tray_stays};
pub use supervision::{Effect, Ending, Input, Running, Stopper, Supervision};
pub use texts::sentence;
pub use tooltip::tooltip;
