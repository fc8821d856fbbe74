//! Settings (contract, section 2): each defined once in `tables`, read from the places in their
//! order, checked, and shown with where it comes from.
//!
//! [`load`] always gives settings to run with. When anything is wrong it also gives the errors,
//! and the settings are the safe ones: nobody can sign in, nothing is handed out or started.

mod check;
mod convert;
mod definition;
mod duration;
mod entries;
mod entry;
mod error;
mod listing;
mod origin;
mod own;
mod raw;
mod registry;
mod resolve;
mod row;
mod rule;
mod scalar;
mod source;
mod tables;
mod text;
mod trust;
mod watch;
mod words;

#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
#[cfg(test)]
mod policy_files;
#[cfg(test)]
mod tests;

use cardea_session::{Failure, FailureCode, Scope};

pub use definition::Definition;
pub use entries::{App, Pattern};
pub use error::{Problem, SettingError};
pub use listing::{write_findings, write_rows};
pub use origin::{Origin, Place};
pub use own::{NotSet, set_own};
pub use registry::{Hive, RegistryKey};
pub use row::Row;
pub use rule::{Field, Shape};
pub use source::{Build, ConfigFile, Location, Places};
pub use tables::{Api, Card, Cis2, Desktop, Effective, Hooks, Log, Session, TABLES, definitions};
pub(crate) use text::is_loopback;
pub use trust::Untrusted;
pub(crate) use trust::administrators_only;
pub use watch::{Watch, WatchError};
pub use words::{ClientAuth, Environment, Language, LogLevel, Notification, Pairing};

use source::{Fingerprint, Gathered, Standing};

/// The settings, and what is wrong with them.
#[derive(Debug)]
pub struct Loaded {
    /// What holds; the safe settings when there are errors.
    pub settings: Effective,
    /// Everything that is wrong. Nobody may sign in unless this is empty.
    pub errors: Vec<SettingError>,
    /// What does no harm and should be looked at: keys of a newer policy template, settings
    /// without effect.
    pub warnings: Vec<SettingError>,
    fingerprint: Fingerprint,
}

/// Reads and checks the settings of all places. Blocks on the disk.
#[must_use]
pub fn load(places: &Places) -> Loaded {
    loaded(Gathered::from(places), places.build)
}

fn loaded(gathered: Gathered, build: Build) -> Loaded {
    let fingerprint = gathered.fingerprint();
    let file = gathered
        .sources
        .iter()
        .find(|source| source.origin.place == Place::File)
        .map_or(Standing::Administrator, |source| source.standing);
    let resolved = resolve::resolve(gathered);
    let conflicts = check::check(&resolved.settings, file, build);
    let mut loaded = Loaded {
        settings: resolved.settings,
        errors: resolved.errors,
        warnings: resolved.warnings,
        fingerprint,
    };
    loaded.errors.extend(conflicts.errors);
    loaded.warnings.extend(conflicts.warnings);
    for list in [&mut loaded.errors, &mut loaded.warnings] {
        list.sort_by_key(|error| (error.origin.place, error.origin.line));
    }
    if !loaded.errors.is_empty() {
        loaded.settings.make_safe();
    }
    loaded
}

impl Loaded {
    /// Why nobody can sign in with these settings, fit for every program to see; none when
    /// everything is in order. `config check` names everything.
    #[must_use]
    pub fn failure(&self) -> Option<Failure> {
        let detail = match self.errors.as_slice() {
            [] if self.settings.cis2.client_id.is_some() => return None,
            [] => "[cis2] client_id is not set".to_owned(),
            [only] => only.brief(),
            [first, others @ ..] => format!("{}, and {} more", first.brief(), others.len()),
        };
        Some(Failure::with_detail(FailureCode::ConfigInvalid, detail))
    }
}

impl Effective {
    /// Every setting with its value and where it comes from, in the order of the documentation.
    #[must_use]
    pub fn show(&self) -> &[Row] {
        &self.rows
    }

    /// Where `table.key`, or the entry `table.key.id`, comes from; none when there is no such.
    #[must_use]
    pub fn origin(&self, key: &str) -> Option<&Origin> {
        let row = self.rows.iter().find(|row| row.key == key)?;
        Some(&row.origin)
    }

    /// Takes away what must not happen on the word of settings that are partly wrong.
    fn make_safe(&mut self) {
        self.hooks.on_session_end.clear();
        self.api.pairing = Pairing::Off;
        self.api.release_access_token = false;
        for app in &mut self.api.apps {
            let scopes = app
                .scopes
                .iter()
                .filter(|scope| *scope != Scope::TokensRead);
            app.scopes = scopes.collect();
        }
    }
}
