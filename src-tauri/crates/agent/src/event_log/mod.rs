//! The Event Log of Windows: what the practice's IT watches. `src-tauri/docs/event-log.md` lists
//! the events. Codes only, never a person, a card or a reader.

#[cfg(target_os = "linux")]
#[path = "linux.rs"]
mod imp;

#[cfg(windows)]
#[path = "windows.rs"]
mod imp;

#[cfg(any(windows, test))]
mod message;

use std::io;

use cardea_session::{EndReason, Event, FailureCode};

use crate::scribe::Scribe;

/// What is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// Somebody signed in.
    SignedIn,
    /// The session is over.
    SignedOut(EndReason),
    /// A login came to nothing.
    Refused(FailureCode),
    /// The settings cannot be used.
    PolicyProblem(FailureCode),
    /// The smartcard service stopped or cannot be reached.
    CardServiceLost,
    /// The last run did not end as it should.
    AgentRestarted,
}

impl Entry {
    /// What a change is reported as, if at all.
    pub(crate) fn of(event: &Event) -> Option<Self> {
        match event {
            Event::SessionStarted { .. } => Some(Self::SignedIn),
            Event::SessionEnded { reason, .. } => Some(Self::SignedOut(*reason)),
            Event::LoginFailed { code, .. } => Some(Self::Refused(*code)),
            Event::SessionChanged { .. }
            | Event::SessionExpiring { .. }
            | Event::SessionExpiryWithdrawn { .. }
            | Event::LoginStarted { .. }
            | Event::TokensExpiring { .. }
            | Event::CardInserted { .. }
            | Event::CardRemoved { .. } => None,
        }
    }
}

/// Owns the thread that writes, where there is an Event Log; dropping it writes what still waits.
#[derive(Debug)]
pub(crate) struct EventLog(Option<Scribe<Entry>>);

impl EventLog {
    /// Starts the thread.
    ///
    /// # Errors
    /// When there is none to be had.
    pub(crate) fn start() -> io::Result<Self> {
        match imp::writer() {
            Some(write) => Self::to(write),
            None => Ok(Self(None)),
        }
    }

    pub(crate) fn to(
        write: impl FnMut(Entry) -> io::Result<()> + Send + 'static,
    ) -> io::Result<Self> {
        Scribe::start("event-log", write).map(|scribe| Self(Some(scribe)))
    }

    /// Has an entry written soon; never waits.
    pub(crate) fn write(&self, entry: Entry) {
        if let Some(scribe) = &self.0 {
            scribe.write(entry);
        }
    }
}

#[cfg(test)]
mod tests;
