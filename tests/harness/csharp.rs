//! A clinical program by our C# client, `src-tauri/clients/csharp/example`, under Mono: compiled once
//! per run, told what to do and heard line by line.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rustix::process::Signal;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

use super::agent::{App, Home};
use super::{programs, signals};

/// How long the program may take to say something.
const LIMIT: Duration = Duration::from_secs(30);

/// The running program; killed when dropped.
pub struct Program {
    child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

fn compiled() -> &'static PathBuf {
    static COMPILED: OnceLock<PathBuf> = OnceLock::new();
    COMPILED.get_or_init(|| {
        let program = programs::this_folder().join("Records.exe");
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/../src-tauri/clients/csharp");
        let status = std::process::Command::new("mcs")
            .arg("@example.rsp")
            .arg(format!("-out:{}", program.display()))
            .current_dir(source)
            .status()
            .expect("mcs can be started: run `cargo xtask test`, which installs it");
        assert!(status.success(), "mcs @example.rsp");
        program
    })
}

impl Program {
    /// Starts it as `app` of this user, for the tests' own CIS2.
    pub async fn start(home: &Home, app: &App) -> Result<Self> {
        let mut program = Self::run(home, &[app.id, "custom"])?;
        program.tell(&app.token).await?;
        Ok(program)
    }

    /// Starts it with these arguments.
    pub fn run(home: &Home, arguments: &[&str]) -> Result<Self> {
        let mut child = Command::new("mono")
            .arg("--debug")
            .arg(compiled())
            .args(arguments)
            .env("XDG_RUNTIME_DIR", home.runtime())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("mono cannot be started")?;
        let input = child.stdin.take().context("no input")?;
        let output = child.stdout.take().context("no output")?;
        Ok(Self {
            child,
            input,
            output: BufReader::new(output).lines(),
        })
    }

    /// Writes a line to it.
    pub async fn tell(&mut self, line: &str) -> Result<()> {
        let line = format!("{line}\n");
        let written = timeout(LIMIT, self.input.write_all(line.as_bytes())).await;
        Ok(written.context("it does not listen")??)
    }

    /// The next line it says.
    pub async fn next(&mut self) -> Result<String> {
        let line = timeout(LIMIT, self.output.next_line()).await;
        line.context("it says nothing")??.context("it has ended")
    }

    /// Sees that the next line is this one.
    pub async fn says(&mut self, expected: &str) -> Result<()> {
        let line = self.next().await?;
        ensure!(line == expected, "{line:?} instead of {expected:?}");
        Ok(())
    }

    /// Tells it to do something, and gives what came of it.
    pub async fn does(&mut self, order: &str) -> Result<String> {
        self.tell(order).await?;
        let line = self.next().await?;
        let outcome = line.strip_prefix(&format!("{order}: "));
        let outcome = outcome.with_context(|| format!("{line:?} after {order}"))?;
        Ok(outcome.to_owned())
    }

    /// Stops it, as a debugger or a starved computer does.
    pub fn stop(&self) -> Result<()> {
        signals::send(&self.child, Signal::STOP)
    }

    /// Lets it go on.
    pub fn go_on(&self) -> Result<()> {
        signals::send(&self.child, Signal::CONT)
    }
}
