//! The log `Application`, source `Cardea`; the messages are in `cli/windows/messages.mc`.

use std::io;

use cardea_win32::event_log;

use super::Entry;
use super::message::Severity;

/// The source as the installer registers it.
const SOURCE: &str = "Cardea";

type Write = fn(Entry) -> io::Result<()>;

pub(super) fn writer() -> Option<Write> {
    Some(write)
}

fn write(entry: Entry) -> io::Result<()> {
    let severity = match entry.severity() {
        Severity::Informational => event_log::Severity::Information,
        Severity::Warning => event_log::Severity::Warning,
        Severity::Error => event_log::Severity::Error,
    };
    let insertion = entry.insertion();
    event_log::report(SOURCE, severity, entry.message(), insertion.as_slice())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_takes_an_entry() {
        write(Entry::AgentRestarted).unwrap();
    }
}
