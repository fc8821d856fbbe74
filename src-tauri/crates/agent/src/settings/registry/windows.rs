//! Reading the registry, each key with who may change it.

use std::io;
use std::path::PathBuf;

use cardea_win32::Keepers;
use cardea_win32::registry as win32;

use super::tree::{Tree, Value};
use super::{Hive, RegistryKey};
use crate::settings::trust::{MAX_BYTES, Thing, Untrusted, held_by};

/// More than any settings need: the deepest is a list in an entry of a table.
const LIMITS: win32::Limits = win32::Limits {
    depth: 8,
    entries: 16 * 1024,
    bytes: MAX_BYTES as usize,
};

impl Hive {
    pub(in crate::settings) fn raw(self) -> win32::Hive {
        match self {
            Self::LocalMachine => win32::Hive::LocalMachine,
            Self::CurrentUser => win32::Hive::CurrentUser,
        }
    }
}

/// Reads a key when nobody but administrators, or this user in the user's own hive, may change it
/// or anything below it; none when there is no such key.
///
/// # Errors
/// [`Untrusted`] when it is there and is refused or cannot be read.
pub(in crate::settings) fn read(key: &RegistryKey) -> Result<Option<Tree>, Untrusted> {
    let keepers = match key.hive {
        Hive::LocalMachine => Keepers::administrators(),
        Hive::CurrentUser => {
            Keepers::administrators_and_this_user().map_err(Untrusted::Unreadable)?
        }
    };
    match win32::read_tree(key.hive.raw(), &key.path, &keepers, LIMITS) {
        Ok(Some(found)) => {
            judge(&found, &key.to_string())?;
            Ok(Some(tree(found)))
        }
        Ok(None) => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::FileTooLarge => Err(Untrusted::TooLarge),
        Err(error) => Err(Untrusted::Unreadable(error)),
    }
}

fn judge(key: &win32::Key, path: &str) -> Result<(), Untrusted> {
    if let Some(outsider) = key.outsider {
        return Err(held_by(outsider, PathBuf::from(path), Thing::Key));
    }
    key.subkeys
        .iter()
        .try_for_each(|(name, below)| judge(below, &format!(r"{path}\{name}")))
}

fn tree(key: win32::Key) -> Tree {
    let values = key.values.into_iter();
    let subkeys = key.subkeys.into_iter();
    Tree {
        values: values.map(|(name, found)| (name, value(found))).collect(),
        subkeys: subkeys.map(|(name, below)| (name, tree(below))).collect(),
    }
}

fn value(found: win32::Value) -> Value {
    match found {
        win32::Value::Text(text) => Value::Text(text),
        win32::Value::Number(number) => Value::Number(number.into()),
        win32::Value::Large(number) => Value::Number(number),
        win32::Value::Texts(texts) => Value::Texts(texts),
        // Its variables are the user's to set.
        win32::Value::Expandable(_) => Value::Other("REG_EXPAND_SZ".to_owned()),
        win32::Value::Other(kind) => Value::Other(name_of(kind)),
        win32::Value::Malformed(kind) => Value::Other(format!("malformed {}", name_of(kind))),
    }
}

/// The names of `winnt.h`.
fn name_of(kind: u32) -> String {
    let names = [
        "REG_NONE",
        "REG_SZ",
        "REG_EXPAND_SZ",
        "REG_BINARY",
        "REG_DWORD",
        "REG_DWORD_BIG_ENDIAN",
        "REG_LINK",
        "REG_MULTI_SZ",
        "REG_RESOURCE_LIST",
        "REG_FULL_RESOURCE_DESCRIPTOR",
        "REG_RESOURCE_REQUIREMENTS_LIST",
        "REG_QWORD",
    ];
    let name = names.get(kind as usize).copied();
    name.map_or_else(|| format!("value of kind {kind}"), str::to_owned)
}
