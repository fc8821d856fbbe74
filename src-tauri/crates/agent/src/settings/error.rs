//! What can be wrong with settings.

use std::fmt;

use super::Origin;
use super::trust::Untrusted;

/// One wrong setting, or one place that cannot be used: where, which key, what was found, what is
/// allowed. Values that may be secret are never in it.
#[derive(Debug)]
pub struct SettingError {
    /// Where.
    pub origin: Origin,
    /// Which: `[table] key`, or only the table. None when the whole place is meant.
    pub key: Option<String>,
    /// What.
    pub problem: Problem,
}

/// What is wrong.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// The file is not TOML.
    #[error("this is not valid TOML: {0}")]
    Syntax(String),
    /// There is no such table.
    #[error("there is no such table; allowed: {allowed}")]
    UnknownTable {
        /// The tables there are.
        allowed: String,
    },
    /// There is no such key.
    #[error("there is no such setting; allowed: {allowed}")]
    UnknownKey {
        /// The keys of that table.
        allowed: String,
    },
    /// The value is of the wrong type or outside what is allowed.
    #[error("found {found}; allowed: {allowed}")]
    Value {
        /// What was found, or that it is not shown.
        found: String,
        /// What is allowed.
        allowed: String,
    },
    /// An entry lacks something.
    #[error("missing; allowed: {allowed}")]
    Missing {
        /// What would do.
        allowed: String,
    },
    /// Two settings do not go together.
    #[error("{0}")]
    Conflict(String),
    /// The setting does not count when it comes from this place.
    #[error("this does not count here: {0}")]
    NotHere(&'static str),
    /// A file of settings that somebody else could have written, or that cannot be read.
    #[error("{0}")]
    Untrusted(#[source] Untrusted),
    /// The file named by `--config` is not there.
    #[error("there is no such file")]
    NoSuchFile,
    /// `--config` while a policy is set.
    #[error("--config is refused because this computer has a policy")]
    ConfigRefused,
}

impl SettingError {
    /// Which setting and where, without the file's path or what was found: short, and fit for
    /// every program to see.
    #[must_use]
    pub fn brief(&self) -> String {
        let key = self.key.as_deref().unwrap_or("all settings");
        match self.origin.line {
            Some(line) => format!("{key}, {} line {line}", self.origin.place),
            None => format!("{key}, {}", self.origin.place),
        }
    }
}

impl fmt::Display for SettingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.origin)?;
        if let Some(key) = &self.key {
            write!(f, ", {key}")?;
        }
        write!(f, ": {}", self.problem)
    }
}

impl std::error::Error for SettingError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&self.problem)
    }
}
