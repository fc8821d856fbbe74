//! The parts of an agent as it runs on a workstation.

use std::path::PathBuf;
use std::sync::Arc;

use cardea_login::{KeystoreError, SystemBrowser, SystemKeystore};
use cardea_readers::PcscSource;

use crate::logs::Terminal;
use crate::paths::{self, UserPaths};
use crate::run::Parts;
use crate::settings::{Build, ConfigFile, Places};

impl Places {
    /// Where settings are on this computer; `given` is the file of `--config`.
    #[must_use]
    pub fn of_this_computer(given: Option<PathBuf>, paths: &UserPaths, build: Build) -> Self {
        Self {
            policy: paths::policy(),
            installation: paths::installation(),
            file: given.map_or_else(
                || ConfigFile::Machine(paths::machine_file()),
                ConfigFile::Given,
            ),
            user: Some(paths.user_settings()),
            build,
        }
    }
}

impl Parts {
    /// PC/SC, the operating system's keystore, the user's browser.
    ///
    /// # Errors
    /// When the keystore's thread cannot be started.
    pub fn installed(
        places: Places,
        paths: UserPaths,
        terminal: Terminal,
    ) -> Result<Self, KeystoreError> {
        Ok(Self {
            places,
            paths,
            terminal,
            environment: None,
            cards: Box::new(|settings, sink| Ok(Box::new(PcscSource::start(settings, sink)?))),
            keystore: Arc::new(SystemKeystore::new()?),
            browser: Arc::new(SystemBrowser),
        })
    }
}
