//! Settings as `config show` lists them.

use cardea_local_api::SettingView;
use serde::Serialize;

use super::Origin;
use super::rule::Shown;

/// One setting, or one entry of a list that all places add to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// `table.key`, or `table.key.id` for an entry.
    pub key: String,
    /// The value as TOML; token hashes are not shown.
    pub value: String,
    /// Where it comes from.
    #[serde(flatten)]
    pub origin: Origin,
}

impl Row {
    /// The same for programs.
    pub(crate) fn view(&self) -> SettingView {
        SettingView {
            key: self.key.clone(),
            value: self.value.clone(),
            origin: self.origin.to_string(),
        }
    }

    pub(super) fn new(table: &str, key: &str, shown: Shown) -> Self {
        let entry = shown.entry.map(|id| format!(".{id}")).unwrap_or_default();
        Self {
            key: format!("{table}.{key}{entry}"),
            value: shown.value,
            origin: shown.origin,
        }
    }
}
