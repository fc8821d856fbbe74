//! Tray and window as the clinician has them: the built program on a screen nobody sees, and a panel
//! and a notification service of the test's own on the real session bus.

pub mod accessible;
mod driver;
mod host;
mod item;
mod memory;
mod notifications;
mod page;
pub mod place;
mod screen;
mod slow_settings;
mod windows;

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};

use anyhow::{Context as _, Result, ensure};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::process::{Child, Command};
use tokio::time::timeout;

pub use host::TrayHost;
pub use notifications::Service;
pub use page::Page;
pub use screen::{Aids, Screen};
use slow_settings::SlowSettings;
pub use windows::Window;

use super::agent::{Home, LIMIT, Plan};
use super::{programs, signals};

/// A running tray, with its agent; both end with it.
pub struct Tray {
    pub host: TrayHost,
    pub screen: Screen,
    child: Child,
    endpoint: PathBuf,
}

impl Drop for Tray {
    /// An agent outlives a tray that is killed, so that it is ended too.
    fn drop(&mut self) {
        // One that has ended already leaves nothing to end.
        let _ = self.child.start_kill();
        let _ = agent_of(&self.endpoint).map(|id| kill_process(id, Signal::KILL));
    }
}

/// A panel and a screen, with nothing on them.
pub struct Seat {
    host: TrayHost,
    pub screen: Screen,
}

impl Seat {
    /// Starts it on the bus at `bus`.
    pub async fn start(bus: &str) -> Result<Self> {
        Self::with(TrayHost::start(bus, Service::Well).await?).await
    }

    /// The same with this panel.
    pub async fn with(host: TrayHost) -> Result<Self> {
        Ok(Self {
            host,
            screen: Screen::start().await?,
        })
    }

    /// Starts it with a screen whose windows can be used.
    pub async fn with_windows(bus: &str, aids: Aids) -> Result<Self> {
        Ok(Self {
            host: TrayHost::start(bus, Service::Well).await?,
            screen: Screen::with_windows(aids).await?,
        })
    }

    /// Starts the tray with the agent's settings, in the folders of `home`, and waits until it is
    /// on the panel.
    pub async fn show(self, home: &Home, plan: &Plan) -> Result<Tray> {
        self.show_as(home, plan, &[]).await
    }

    /// The same as when the user has logged on.
    pub async fn show_at_log_on(self, home: &Home, plan: &Plan) -> Result<Tray> {
        self.show_as(home, plan, &["--autostart"]).await
    }

    /// Starts the tray as when the user has logged on, to its end.
    pub async fn show_nothing_at_log_on(self, home: &Home, plan: &Plan) -> Result<ExitStatus> {
        let mut child = self.start_program(home, plan, &["--autostart"])?;
        let ended = timeout(LIMIT, child.wait()).await;
        ended.context("it does not end")?.context("it is lost")
    }

    /// Starts the tray as when the user has logged on, where the settings do not let it start, and
    /// once more while it still waits for them; waits until the first has ended.
    pub async fn show_while_settings_are_read(self, home: &Home, plan: &Plan) -> Result<Tray> {
        let mut slow = SlowSettings::new()?;
        let first = self.screen.command_of(&slow.desktop(), home);
        let mut first = start(first, home, plan, &["--autostart"])?;
        slow.until_asked().await?;
        let tray = self.show(home, plan).await?;
        slow.answer().await?;
        let ended = timeout(LIMIT, first.wait()).await;
        let ended = ended.context("the first does not end")??;
        ensure!(ended.success(), "{ended}");
        Ok(tray)
    }

    fn start_program(&self, home: &Home, plan: &Plan, arguments: &[&str]) -> Result<Child> {
        start(self.screen.command(home), home, plan, arguments)
    }

    async fn show_as(self, home: &Home, plan: &Plan, arguments: &[&str]) -> Result<Tray> {
        let child = self.start_program(home, plan, arguments)?;
        let tray = Tray {
            host: self.host,
            screen: self.screen,
            child,
            endpoint: home.endpoint_file(),
        };
        tray.host.registered().await?;
        Ok(tray)
    }
}

fn start(mut desktop: Command, home: &Home, plan: &Plan, arguments: &[&str]) -> Result<Child> {
    plan.write(home);
    let config = home.config();
    desktop.args(arguments).arg("--config").arg(config);
    Ok(desktop.spawn()?)
}

impl Tray {
    /// Starts it with a panel of its own.
    pub async fn start(home: &Home, plan: &Plan, bus: &str) -> Result<Self> {
        Seat::start(bus).await?.show(home, plan).await
    }

    /// The same on this panel.
    pub async fn start_with(home: &Home, plan: &Plan, host: TrayHost) -> Result<Self> {
        Seat::with(host).await?.show(home, plan).await
    }

    /// Starts the program once more, with these arguments, to its end.
    pub async fn start_again(&self, home: &Home, arguments: &[&str]) -> Result<ExitStatus> {
        let mut child = self.screen.command(home).args(arguments).spawn()?;
        timeout(LIMIT, child.wait())
            .await
            .context("the second does not end")?
            .context("the second is lost")
    }

    /// The window that the menu's entry opens, and its page.
    pub async fn open(&self, entry: &str) -> Result<(Window, Page)> {
        self.host.choose(entry).await?;
        let window = self.screen.window_of("window").await?;
        Ok((window, self.screen.page().await?))
    }

    /// Asks it to end as the system does.
    pub fn terminate(&self) -> Result<()> {
        signals::send(&self.child, Signal::TERM)
    }

    /// Waits until it has ended.
    pub async fn ended(&mut self) -> Result<ExitStatus> {
        let ended = timeout(LIMIT, self.child.wait()).await;
        Ok(ended.context("the tray does not end")??)
    }
}

/// What the agent says of itself to programs.
pub fn endpoint(home: &Home) -> Result<Value> {
    read(&home.endpoint_file())
}

/// Kills the agent as a crash would; says which process it was.
pub fn kill_agent(home: &Home) -> Result<u64> {
    signal_agent(home, Signal::KILL)
}

/// Lets the agent hang: it is there, and does nothing more. Says which process it is.
pub fn hang_agent(home: &Home) -> Result<u64> {
    signal_agent(home, Signal::STOP)
}

fn signal_agent(home: &Home, signal: Signal) -> Result<u64> {
    let agent = agent_of(&home.endpoint_file())?;
    kill_process(agent, signal)?;
    Ok(u64::try_from(agent.as_raw_nonzero().get())?)
}

fn agent_of(endpoint: &Path) -> Result<Pid> {
    let id = read(endpoint)?["pid"].as_i64().context("no process")?;
    Pid::from_raw(i32::try_from(id)?).context("no process")
}

fn read(endpoint: &Path) -> Result<Value> {
    let text = std::fs::read(endpoint).with_context(|| endpoint.display().to_string())?;
    Ok(serde_json::from_slice(&text)?)
}

/// The tray where there is no screen: how it ends, and what it says.
pub async fn without_a_screen(home: &Home) -> Result<(ExitStatus, String)> {
    ended(home.command_of(&programs::cardea_desktop(), &[])).await
}

/// The tray where the library for icons in panels is not installed: how it ends, and what it says.
/// Needs root.
pub async fn without_indicators(home: &Home) -> Result<(ExitStatus, String)> {
    let screen = Screen::start().await?;
    let library = format!(
        "/usr/lib/{}-linux-gnu/libayatana-appindicator3.so.1",
        std::env::consts::ARCH
    );
    // An empty file in its place, in a view of the file system that only the tray has.
    let script = r#"mount --bind /dev/null "$1" && exec "$2""#;
    let mut command = home.command_of(Path::new("unshare"), &["--mount", "sh", "-c", script, "sh"]);
    command
        .arg(std::fs::canonicalize(library)?)
        .arg(programs::cardea_desktop())
        .env("DISPLAY", screen.name());
    ended(command).await
}

/// How a program ends, and what it says then.
async fn ended(mut command: Command) -> Result<(ExitStatus, String)> {
    let output = command.stdin(Stdio::null()).output();
    let output = timeout(LIMIT, output).await.context("it does not end")??;
    ensure!(output.stdout.is_empty());
    Ok((output.status, String::from_utf8(output.stderr)?))
}
