//! A pipe by which a program that somebody else starts tells the test something.

use std::path::{Path, PathBuf};

use anyhow::Result;
use rustix::fs::{CWD, Mode, mkfifoat};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::unix::pipe;
use tokio::time::timeout;

use super::agent::LIMIT;

/// The reading end, which is open as long as this is.
pub struct Told {
    pub path: PathBuf,
    lines: pipe::Receiver,
    /// Without it the pipe would be at its end between two writers.
    _writer: pipe::Sender,
}

impl Told {
    /// Makes the pipe in `folder`.
    pub fn new(folder: &Path) -> Result<Self> {
        let path = folder.join("told");
        mkfifoat(CWD, &path, Mode::RUSR | Mode::WUSR)?;
        let lines = pipe::OpenOptions::new().open_receiver(&path)?;
        let writer = pipe::OpenOptions::new().open_sender(&path)?;
        Ok(Self {
            path,
            lines,
            _writer: writer,
        })
    }

    /// The first line.
    pub async fn line(self) -> Result<String> {
        let mut lines = BufReader::new(self.lines);
        let mut line = String::new();
        timeout(LIMIT, lines.read_line(&mut line)).await??;
        Ok(line.trim_end().to_owned())
    }
}
