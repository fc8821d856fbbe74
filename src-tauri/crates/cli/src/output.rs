//! What the commands print: text for people, JSON for scripts.

pub(crate) mod apps;
pub(crate) mod changes;
pub(crate) mod doctor;
pub(crate) mod json;
pub(crate) mod keys;
mod local_time;
mod phrases;
pub(crate) mod status;

pub(crate) use local_time::LocalTime;

/// The text without what could break the line or steer a terminal: names come from devices,
/// providers and settings.
pub(crate) fn one_line(text: &str) -> String {
    text.replace(char::is_control, "\u{fffd}")
}
