//! A screen that nobody sees (Xvfb), with a window manager (openbox) where there are windows.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, Result};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::driver::Reins;
use super::page::Page;
use crate::harness::agent::{Home, LIMIT};
use crate::harness::programs;

/// The running server; killed when dropped.
pub struct Screen {
    name: String,
    windows: Option<Windows>,
    _server: Child,
}

/// What the user works with beside screen, mouse and keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aids {
    None,
    ScreenReader,
}

/// What it takes to use windows.
struct Windows {
    reins: Reins,
    aids: Aids,
    _manager: Child,
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
            windows: None,
            _server: server,
        })
    }

    /// Starts one with a window manager, on which windows can be used.
    pub async fn with_windows(aids: Aids) -> Result<Self> {
        let mut screen = Self::start().await?;
        screen.windows = Some(Windows {
            reins: Reins::new(),
            aids,
            _manager: manage(&screen.name).await?,
        });
        Ok(screen)
    }

    /// The program under test on this screen.
    pub fn command(&self, home: &Home) -> Command {
        self.command_of(&programs::cardea_desktop(), home)
    }

    /// A copy of it on this screen.
    pub fn command_of(&self, program: &Path, home: &Home) -> Command {
        let mut command = home.command_of(program, &[]);
        command
            .env("DISPLAY", &self.name)
            .env("GIO_USE_VFS", "local")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let aids = self.windows.as_ref().map_or(Aids::None, |all| all.aids);
        if aids == Aids::None {
            command.env("NO_AT_BRIDGE", "1");
        }
        if let Some(windows) = &self.windows {
            command.envs(windows.reins.environment());
        }
        command
    }

    /// The page of the window that is open.
    pub async fn page(&self) -> Result<Page> {
        let windows = self.windows.as_ref().context("there are no windows")?;
        Page::attach(&windows.reins).await
    }

    /// The value of `DISPLAY`.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// Starts the window manager; it runs a command as soon as it manages windows.
async fn manage(screen: &str) -> Result<Child> {
    let mut manager = Command::new("openbox")
        .args(["--sm-disable", "--startup", "echo ready"])
        .env("DISPLAY", screen)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .context("openbox")?;
    let output = manager.stdout.take().context("no output")?;
    let mut lines = BufReader::new(output).lines();
    let ready = timeout(LIMIT, lines.next_line());
    let ready = ready.await.context("no window manager in time")??;
    ready.context("openbox ended")?;
    Ok(manager)
}
