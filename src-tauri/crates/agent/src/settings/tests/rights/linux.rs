//! By permission bits.

use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Lets nobody but the owner write a file or folder.
pub(in crate::settings::tests) fn keep(path: &Path) {
    set_mode(path, if path.is_dir() { 0o755 } else { 0o644 });
}

pub(in crate::settings::tests) fn let_everyone_write(path: &Path) {
    set_mode(path, if path.is_dir() { 0o777 } else { 0o666 });
}

fn set_mode(path: &Path, mode: u32) {
    set_permissions(path, Permissions::from_mode(mode)).unwrap();
}
