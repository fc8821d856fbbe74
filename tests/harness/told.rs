//! A pipe by which a program that somebody else starts tells the test something.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use rustix::fs::{CWD, Mode, mkfifoat};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::net::unix::pipe;
use tokio::time::timeout;

use super::agent::LIMIT;

/// The reading end, which is open as long as this is.
pub struct Told {
    pub path: PathBuf,
    lines: Lines<BufReader<pipe::Receiver>>,
}

impl Told {
    /// Makes the pipe in `folder`.
    pub fn new(folder: &Path) -> Result<Self> {
        let path = folder.join("told");
        mkfifoat(CWD, &path, Mode::RUSR | Mode::WUSR)?;
        // Open for writing too, so that it never ends and no writer has to wait for us.
        let receiver = pipe::OpenOptions::new()
            .read_write(true)
            .open_receiver(&path)?;
        Ok(Self {
            path,
            lines: BufReader::new(receiver).lines(),
        })
    }

    /// The next line, which must come soon.
    pub async fn line(&mut self) -> Result<String> {
        timeout(LIMIT, self.line_ever()).await?
    }

    /// The next line, whenever it comes.
    pub async fn line_ever(&mut self) -> Result<String> {
        let line = self.lines.next_line().await?;
        line.context("the pipe has ended")
    }
}
