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
    text.replace(|c: char| c.is_control() || turns_around(c), "\u{fffd}")
}

/// Whether a character changes the direction of what follows it (Unicode, UAX 9).
fn turns_around(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
