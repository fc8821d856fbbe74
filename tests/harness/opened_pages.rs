//! A stand-in for the desktop's `xdg-open`: the test gets the addresses that a program opens.

use std::ffi::OsString;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use tempfile::TempDir;
use tokio::time::timeout;

use super::told::Told;

const LIMIT: Duration = Duration::from_secs(30);

/// A folder with an `xdg-open` of its own, and the addresses that are given to it.
pub struct OpenedPages {
    folder: TempDir,
    addresses: Told,
}

impl OpenedPages {
    /// Makes the folder; programs of other users may use it too.
    pub fn new() -> Result<Self> {
        let folder = TempDir::new()?;
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755))?;
        let addresses = Told::new(folder.path())?;
        fs::set_permissions(&addresses.path, Permissions::from_mode(0o666))?;
        let told = format!("printf '%s\\n' \"$1\" >'{}'", addresses.path.display());
        let pages = Self { folder, addresses };
        pages.script(&told)?;
        Ok(pages)
    }

    /// A desktop on which no browser can be opened.
    pub fn failing() -> Result<Self> {
        let pages = Self::new()?;
        pages.script("exit 3")?;
        Ok(pages)
    }

    /// The `PATH` for the program under test.
    pub fn path(&self) -> OsString {
        let mut path = OsString::from(self.folder.path());
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap_or_default());
        path
    }

    /// The program that opens pages.
    pub fn program(&self) -> PathBuf {
        self.folder.path().join("xdg-open")
    }

    /// Waits for the next address that a program opens.
    pub async fn next(&mut self) -> Result<String> {
        timeout(LIMIT, self.addresses.line_ever())
            .await
            .context("nothing was opened in the browser")?
    }

    fn script(&self, what: &str) -> Result<()> {
        let script = self.program();
        fs::write(&script, format!("#!/bin/sh\n{what}\n"))?;
        fs::set_permissions(&script, Permissions::from_mode(0o755))?;
        Ok(())
    }
}
