//! Entries as the message table has them (`cli/windows/messages.mc`).

use super::Entry;

/// How much an entry matters, as the message table has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Severity {
    /// All is well.
    Informational,
    /// Somebody may have to look.
    Warning,
    /// Somebody has to look.
    Error,
}

impl Entry {
    /// The id that IT sees. Never given to anything else.
    pub(super) fn id(self) -> u16 {
        match self {
            Self::SignedIn => 100,
            Self::SignedOut(_) => 101,
            Self::Refused(_) => 102,
            Self::PolicyProblem(_) => 103,
            Self::CardServiceLost => 104,
            Self::AgentRestarted => 105,
        }
    }

    pub(super) fn severity(self) -> Severity {
        match self {
            Self::SignedIn | Self::SignedOut(_) => Severity::Informational,
            Self::Refused(_) | Self::CardServiceLost | Self::AgentRestarted => Severity::Warning,
            Self::PolicyProblem(_) => Severity::Error,
        }
    }

    /// The number in the message table: the id, with the severity above it (winerror.h).
    pub(super) fn message(self) -> u32 {
        let severity = match self.severity() {
            Severity::Informational => 1,
            Severity::Warning => 2,
            Severity::Error => 3,
        };
        severity << 30 | u32::from(self.id())
    }

    /// What stands in for `%1` in its message.
    pub(super) fn insertion(self) -> Option<&'static str> {
        match self {
            Self::SignedOut(reason) => Some(reason.as_str()),
            Self::Refused(code) | Self::PolicyProblem(code) => Some(code.as_str()),
            Self::SignedIn | Self::CardServiceLost | Self::AgentRestarted => None,
        }
    }
}
