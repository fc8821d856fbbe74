//! The tray and the window on a Windows under Wine, on a screen that nobody sees.

use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStderr, Command};
use tokio::time::timeout;

use super::desktop::Screen;
use super::windows_workstation::WindowsDesk;
use super::wine::CARDEA;

/// The tray, and with `window` the window.
const DESKTOP: &str = "cardea-desktop.exe";
/// By what it finds the web view, which Wine has not.
const WEB_VIEW: &str = "WebView2Loader.dll";
/// How long anything may take under Wine before a test gives up.
const LIMIT: Duration = Duration::from_secs(90);

/// A program of the desktop, and what it logs.
pub struct WindowsProgram {
    child: Child,
    log: Lines<BufReader<ChildStderr>>,
    all: String,
}

impl WindowsProgram {
    /// Starts it, with the agent's program beside it.
    pub fn start(desk: &WindowsDesk, arguments: &[&str]) -> Result<Self> {
        for file in [CARDEA, WEB_VIEW] {
            desk.wine.put_beside(file);
        }
        let mut child = desk
            .command(DESKTOP)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let log = child.stderr.take().context("no standard error")?;
        Ok(Self {
            child,
            log: BufReader::new(log).lines(),
            all: String::new(),
        })
    }

    /// Waits until it logs this.
    pub async fn until(&mut self, text: &str) -> Result<()> {
        let look = async {
            while let Some(line) = self.log.next_line().await? {
                self.all.push_str(&line);
                self.all.push('\n');
                if line.contains(text) {
                    return Ok(());
                }
            }
            bail!("it has ended");
        };
        let looked = timeout(LIMIT, look).await;
        let looked = looked.unwrap_or_else(|elapsed| Err(elapsed.into()));
        looked.with_context(|| format!("{text:?} is not in {}", self.all))
    }

    /// Waits until the tray shows this picture and that just these actions can be chosen.
    pub async fn until_shows(&mut self, icon: &str, can: &str) -> Result<()> {
        self.until(&format!("the tray shows icon=\"{icon}\" can=\"{can}\""))
            .await
    }

    /// Whether everything that was to be shown could be, as far as was waited for.
    pub fn all_is_shown(&self) -> bool {
        !self.all.contains("cannot be changed")
    }

    /// Waits for its end.
    pub async fn ended(&mut self) -> Result<ExitStatus> {
        let ended = timeout(LIMIT, self.child.wait()).await;
        Ok(ended.context("it does not end")??)
    }
}

/// Waits for a message of the window system with Cardea's name above it, and reads it away.
pub async fn read_message(screen: &Screen) -> Result<()> {
    let named = ["search", "--sync", "--onlyvisible", "--name", "^Cardea$"];
    let id = xdotool(screen, &named).await?;
    let id = id.lines().next().context("no window")?;
    // Wine gives the focus to who asks.
    xdotool(screen, &["windowfocus", "--sync", id, "key", "Return"]).await?;
    Ok(())
}

/// What the tool for windows of X says.
async fn xdotool(screen: &Screen, arguments: &[&str]) -> Result<String> {
    let output = Command::new("xdotool")
        .args(arguments)
        .env("DISPLAY", screen.name())
        .kill_on_drop(true)
        .output();
    let output = timeout(LIMIT, output).await.context("it is not there")??;
    Ok(String::from_utf8(output.stdout)?)
}
