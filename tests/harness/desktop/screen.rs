//! A screen that nobody sees (Xvfb).

use std::process::Stdio;

use anyhow::{Context as _, Result};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::harness::agent::LIMIT;

/// The running server; killed when dropped.
pub struct Screen {
    name: String,
    _server: Child,
}

impl Screen {
    /// Starts one on a free display.
    pub async fn start() -> Result<Self> {
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1280x800x24"])
            .args(["-nolisten", "tcp", "-noreset"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("Xvfb")?;
        let output = server.stdout.take().context("no output")?;
        let mut lines = BufReader::new(output).lines();
        let display = timeout(LIMIT, lines.next_line())
            .await
            .context("no screen in time")??
            .context("Xvfb ended")?;
        Ok(Self {
            name: format!(":{}", display.trim()),
            _server: server,
        })
    }

    /// The value of `DISPLAY`.
    pub fn name(&self) -> &str {
        &self.name
    }
}
