//! What is wrong with the settings, by name and place.

use std::fmt;

/// Everything that is wrong with the settings.
#[derive(Debug, thiserror::Error)]
pub struct SettingsError(pub(super) Vec<SettingError>);

/// One setting that is wrong.
#[derive(Debug)]
pub(super) struct SettingError {
    /// For instance `provider.issuer`, or the variable in the environment.
    key: String,
    /// What is wrong, or what is allowed.
    why: String,
}

impl SettingError {
    pub(super) fn new(key: impl Into<String>, why: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            why: why.into(),
        }
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, SettingError { key, why }) in self.0.iter().enumerate() {
            let joint = if index == 0 { "" } else { "\n" };
            write!(f, "{joint}{key}: {why}")?;
        }
        Ok(())
    }
}
