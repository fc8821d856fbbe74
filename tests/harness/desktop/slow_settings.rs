//! The desktop beside a `cardea` that takes its time to read the settings.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use rustix::fs::{CWD, Mode, mkfifoat};
use tempfile::TempDir;
use tokio::time::timeout;

use super::super::agent::LIMIT;
use super::super::programs;
use super::super::told::Told;

/// Both programs in a folder of their own.
pub struct SlowSettings {
    folder: TempDir,
    asked: Told,
}

impl SlowSettings {
    pub fn new() -> Result<Self> {
        // Beside the programs, where a second name is all it takes.
        let folder = tempfile::tempdir_in(programs::this_folder())?;
        let made = Self {
            asked: Told::new(folder.path())?,
            folder,
        };
        std::fs::hard_link(programs::cardea_desktop(), made.desktop())?;
        mkfifoat(CWD, made.go_on(), Mode::RUSR | Mode::WUSR)?;
        let script = format!(
            "#!/bin/sh\necho asked >'{}'\nread -r _ <'{}'\nexec '{}' \"$@\"\n",
            made.asked.path.display(),
            made.go_on().display(),
            programs::cardea().display(),
        );
        let cardea = made.folder.path().join("cardea");
        std::fs::write(&cardea, script)?;
        std::fs::set_permissions(cardea, Permissions::from_mode(0o755))?;
        Ok(made)
    }

    /// The desktop's program.
    pub fn desktop(&self) -> PathBuf {
        self.folder.path().join("cardea-desktop")
    }

    /// Waits until the settings are read.
    pub async fn until_asked(&mut self) -> Result<()> {
        let asked = self.asked.line().await;
        asked.context("nobody reads the settings").map(drop)
    }

    /// Lets the reading come to its end.
    pub async fn answer(&self) -> Result<()> {
        let told = timeout(LIMIT, tokio::fs::write(self.go_on(), "\n")).await;
        told.context("nobody waits for the settings")??;
        Ok(())
    }

    fn go_on(&self) -> PathBuf {
        self.folder.path().join("go-on")
    }
}
