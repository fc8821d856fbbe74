//! Linux has no registry.

use super::{RegistryKey, Tree};
use crate::settings::trust::Untrusted;

/// Nothing is written there.
#[expect(clippy::unnecessary_wraps, reason = "as on Windows")]
pub(in crate::settings) fn read(_: &RegistryKey) -> Result<Option<Tree>, Untrusted> {
    Ok(None)
}
