//! A Node program of `tests/provider`: one JSON object per line in each direction.

use std::fs::{self, File};
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::Signal;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

use super::signals;

/// Longer than any wait inside the programs, which tell more about why.
const LIMIT: Duration = Duration::from_secs(90);

/// How long a program may take to end by itself.
const FAREWELL: Duration = Duration::from_secs(10);

/// The running program; dropping it ends it.
pub struct NodeProgram {
    child: Child,
    input: Option<ChildStdin>,
    /// Takes what Chromium and Node write for themselves, and what they say on standard error.
    scratch: TempDir,
}

/// What the program says.
pub struct Output(Lines<BufReader<ChildStdout>>);

impl NodeProgram {
    /// Starts a script of `tests/provider`.
    pub fn start(script: &str) -> Result<(Self, Output)> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("provider");
        if !folder.join("node_modules").exists() {
            bail!("tests/provider has no node_modules: run `npm ci` there, or `cargo xtask test`");
        }
        let scratch = TempDir::new()?;
        let mut child = Command::new("node")
            .arg(script)
            .current_dir(folder)
            .env("TMPDIR", scratch.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(scratch.path().join("stderr"))?)
            .kill_on_drop(true)
            .spawn()
            .context("node cannot be started")?;
        let input = child.stdin.take();
        let output = child.stdout.take().context("no output")?;
        let output = Output(BufReader::new(output).lines());
        Ok((
            Self {
                child,
                input,
                scratch,
            },
            output,
        ))
    }

    /// Says something to the program.
    pub async fn say(&mut self, message: &Value) -> Result<()> {
        let line = format!("{message}\n");
        let input = self.input.as_mut().context("no input")?;
        timeout(LIMIT, input.write_all(line.as_bytes()))
            .await
            .context("the program does not listen")?
            .with_context(|| format!("the program has gone: {}", self.complaints()))
    }

    /// Stops it where it is, as a computer that sleeps does.
    pub fn stop(&self) -> Result<()> {
        signals::send(&self.child, Signal::STOP)
    }

    /// Lets it go on.
    pub fn go_on(&self) -> Result<()> {
        signals::send(&self.child, Signal::CONT)
    }

    /// What it wrote on standard error.
    pub fn complaints(&self) -> String {
        fs::read_to_string(self.scratch.path().join("stderr")).unwrap_or_default()
    }
}

impl Drop for NodeProgram {
    /// The end of its input lets the program clean up: a browser that is killed leaves its profile.
    fn drop(&mut self) {
        self.input = None;
        let start = Instant::now();
        while start.elapsed() < FAREWELL && matches!(self.child.try_wait(), Ok(None)) {
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Output {
    /// The next thing the program says; none when it has ended.
    pub async fn next(&mut self) -> Option<Value> {
        let line = self.0.next_line().await.ok()??;
        serde_json::from_str(&line).ok()
    }

    /// The next thing the program says, which must come soon.
    pub async fn next_soon(&mut self, program: &NodeProgram) -> Result<Value> {
        match timeout(LIMIT, self.next()).await {
            Ok(Some(message)) => Ok(message),
            Ok(None) => bail!("the program has ended: {}", program.complaints()),
            Err(_) => bail!("the program says nothing: {}", program.complaints()),
        }
    }
}
