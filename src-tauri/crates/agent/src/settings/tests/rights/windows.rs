//! By access control lists.

use std::path::Path;

/// Nobody but this user can write what this user makes in a folder of their own.
pub(in crate::settings::tests) fn keep(_: &Path) {}

pub(in crate::settings::tests) fn let_everyone_write(path: &Path) {
    cardea_win32::let_everyone_write(path).unwrap();
}
