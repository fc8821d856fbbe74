//! Settings in the Windows registry: a key for each table, a value for each setting. `tree` is what
//! is written there, `convert` makes of it what the reader of TOML makes of a file.

mod convert;
mod tree;

#[cfg(target_os = "linux")]
mod linux;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
use linux as system;
#[cfg(windows)]
use windows as system;

use std::fmt;

pub(super) use convert::items;
pub(super) use system::read;
pub(super) use tree::Tree;
#[cfg(any(test, feature = "fuzzing"))]
pub(super) use tree::Value;

/// A key of the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistryKey {
    /// The part of the registry that it is in.
    pub hive: Hive,
    /// The way from there, with `\` between the names.
    pub path: String,
}

/// A part of the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hive {
    /// This computer's: for administrators to write.
    LocalMachine,
    /// The user's own: what is written there counts as the user's word.
    CurrentUser,
}

impl RegistryKey {
    /// A key of this computer.
    #[must_use]
    pub fn of_machine(path: &str) -> Self {
        Self {
            hive: Hive::LocalMachine,
            path: path.to_owned(),
        }
    }
}

impl fmt::Display for RegistryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hive = match self.hive {
            Hive::LocalMachine => "HKLM",
            Hive::CurrentUser => "HKCU",
        };
        write!(f, r"{hive}\{}", self.path)
    }
}
