//! The registry, as 64-bit programs see it: trees of keys, read within bounds, and notices of their
//! changes.

mod decode;
mod key;
mod notice;
mod read;
mod write;

use std::fmt;

use windows_sys::Win32::System::Registry::{HKEY, HKEY_CURRENT_USER, HKEY_LOCAL_MACHINE};

use crate::Outsider;

pub use notice::KeyNotice;
pub use read::{Limits, read_subkeys, read_tree, read_values};
#[cfg(any(test, feature = "test-support"))]
pub use write::{create_key, open_to_everyone};
pub use write::{delete_tree, set_value};

/// A part of the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hive {
    /// `HKEY_CURRENT_USER`.
    CurrentUser,
    /// `HKEY_LOCAL_MACHINE`.
    LocalMachine,
}

impl Hive {
    fn raw(self) -> HKEY {
        match self {
            Self::CurrentUser => HKEY_CURRENT_USER,
            Self::LocalMachine => HKEY_LOCAL_MACHINE,
        }
    }
}

impl fmt::Display for Hive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CurrentUser => "HKCU",
            Self::LocalMachine => "HKLM",
        })
    }
}

/// A key with everything below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The values by name, as Windows lists them; the default value has an empty name.
    pub values: Vec<(String, Value)>,
    /// The subkeys by name, as Windows lists them.
    pub subkeys: Vec<(String, Self)>,
    /// Somebody beside the keepers who may change this key.
    pub outsider: Option<Outsider>,
}

/// What a value holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `REG_SZ`, up to its first zero.
    Text(String),
    /// `REG_EXPAND_SZ`, as it is written: its variables are not expanded.
    Expandable(String),
    /// `REG_DWORD`.
    Number(u32),
    /// `REG_QWORD`.
    Large(u64),
    /// `REG_MULTI_SZ`, up to its first empty text.
    Texts(Vec<String>),
    /// Another kind, by its number in `winnt.h`.
    Other(u32),
    /// Not what its kind, by its number, says: of another length, or no UTF-16.
    Malformed(u32),
}
