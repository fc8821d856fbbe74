//! A real Secret Service (gnome-keyring) on a private session bus, unlocked, empty.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

const LIMIT: Duration = Duration::from_secs(20);

/// The running service; killed when dropped.
pub struct SecretService {
    address: String,
    _bus: Child,
    _keyring: Child,
    _home: TempDir,
}

impl SecretService {
    /// Starts a bus and the service on it.
    pub async fn start() -> Result<Self> {
        let home = TempDir::new()?;
        let (bus, address) = start_bus(&home).await?;
        let keyring = start_keyring(&home, &address).await?;
        Ok(Self {
            address,
            _bus: bus,
            _keyring: keyring,
            _home: home,
        })
    }

    /// The value of `DBUS_SESSION_BUS_ADDRESS` for programs that are to use it.
    pub fn bus(&self) -> &str {
        &self.address
    }
}

fn isolated(program: &str, home: &TempDir) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home.path())
        .env("XDG_RUNTIME_DIR", home.path())
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    command
}

async fn start_bus(home: &TempDir) -> Result<(Child, String)> {
    let mut bus = isolated("dbus-daemon", home)
        .args(["--session", "--nofork", "--nopidfile", "--print-address"])
        .stdout(Stdio::piped())
        .spawn()
        .context("dbus-daemon")?;
    let output = bus.stdout.take().context("the bus has no output")?;
    let mut lines = BufReader::new(output).lines();
    let address = timeout(LIMIT, lines.next_line())
        .await
        .context("no bus in time")??;
    Ok((bus, address.context("the bus said nothing")?))
}

async fn start_keyring(home: &TempDir, bus: &str) -> Result<Child> {
    let mut keyring = isolated("gnome-keyring-daemon", home)
        .args(["--foreground", "--unlock", "--components=secrets"])
        .env("DBUS_SESSION_BUS_ADDRESS", bus)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("gnome-keyring-daemon")?;
    let mut input = keyring.stdin.take().context("the keyring has no input")?;
    input.write_all(b"only for this test").await?;
    drop(input);
    wait_for_name(home, bus, "org.freedesktop.secrets").await?;
    Ok(keyring)
}

/// Waits until somebody owns `name` on the bus: `gdbus wait` listens for it.
async fn wait_for_name(home: &TempDir, bus: &str, name: &str) -> Result<()> {
    let waited = isolated("gdbus", home)
        .args(["wait", "--session", "--timeout", "20", name])
        .env("DBUS_SESSION_BUS_ADDRESS", bus)
        .stdout(Stdio::null())
        .status()
        .await
        .context("gdbus")?;
    anyhow::ensure!(waited.success(), "nobody owns {name}");
    Ok(())
}
