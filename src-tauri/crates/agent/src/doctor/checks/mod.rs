//! The checks, by what they look at.

pub(super) mod agent;
pub(super) mod api;
pub(super) mod autostart;
pub(super) mod broker;
pub(super) mod browser;
pub(super) mod browser_policy;
pub(super) mod card_software;
pub(super) mod cards;
pub(super) mod cis2;
pub(super) mod credential;
pub(super) mod endpoint;
pub(super) mod files;
pub(super) mod redirect;
pub(super) mod removals;
pub(super) mod settings;
pub(super) mod version;
mod way;

use cardea_local_api::{App, kept_apps};
use tokio::task::spawn_blocking;

use super::finding::Finding;
use crate::paths::UserPaths;
use crate::settings::Loaded;

/// What CIS2 is to be looked at by is not known.
fn not_yet() -> Finding {
    Finding::skipped("Not looked at before the settings are right.")
}

/// The settings are not known.
fn without_settings() -> Finding {
    Finding::skipped("Not looked at, because the settings could not be read in time.")
}

/// Every program that may call. Blocks on the disk.
fn apps(loaded: &Loaded, paths: &UserPaths) -> Vec<App> {
    let mut apps = loaded.settings.local_api().apps;
    // A list that cannot be read is the agent's to tell of.
    apps.extend(kept_apps(&paths.apps()).unwrap_or_default());
    apps
}

/// Looks at what may block. A look that does not come back is left to its thread: the runner goes on
/// without it.
async fn blocking(look: impl FnOnce() -> Finding + Send + 'static) -> Finding {
    match spawn_blocking(look).await {
        Ok(finding) => finding,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
