//! A stand-in for the desktop's `xdg-open`: the test gets the addresses that a program opens.

use std::ffi::OsString;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::net::unix::pipe;
use tokio::time::timeout;

const LIMIT: Duration = Duration::from_secs(30);

/// A folder with an `xdg-open` of its own, and the addresses that are given to it.
pub struct OpenedPages {
    folder: TempDir,
    addresses: Lines<BufReader<pipe::Receiver>>,
}

impl OpenedPages {
    /// Makes the folder; programs of other users may use it too.
    pub fn new() -> Result<Self> {
        let folder = TempDir::new()?;
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755))?;
        let fifo = folder.path().join("addresses");
        let made = Command::new("mkfifo")
            .arg("--mode=666")
            .arg(&fifo)
            .status()?;
        ensure!(made.success(), "mkfifo: {made}");
        fs::set_permissions(&fifo, Permissions::from_mode(0o666))?;
        // Open for writing too, so that it never ends and no writer has to wait for us.
        let receiver = pipe::OpenOptions::new()
            .read_write(true)
            .open_receiver(&fifo)?;
        let pages = Self {
            folder,
            addresses: BufReader::new(receiver).lines(),
        };
        pages.script(&format!("printf '%s\\n' \"$1\" >'{}'", fifo.display()))?;
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

    /// Waits for the next address that a program opens.
    pub async fn next(&mut self) -> Result<String> {
        timeout(LIMIT, self.addresses.next_line())
            .await
            .context("nothing was opened in the browser")??
            .context("no more addresses")
    }

    fn script(&self, what: &str) -> Result<()> {
        let script: PathBuf = self.folder.path().join("xdg-open");
        fs::write(&script, format!("#!/bin/sh\n{what}\n"))?;
        fs::set_permissions(&script, Permissions::from_mode(0o755))?;
        Ok(())
    }
}
