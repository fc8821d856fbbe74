//! A real Secret Service (gnome-keyring) on a private session bus, unlocked, empty.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::process::Signal;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::signals;

const LIMIT: Duration = Duration::from_secs(20);

/// The running service; killed when dropped.
pub struct SecretService {
    address: String,
    _bus: Child,
    keyring: Child,
    home: TempDir,
}

impl SecretService {
    /// Starts a bus and the service on it.
    pub async fn start() -> Result<Self> {
        Self::start_for(None).await
    }

    /// Starts them for another user of this computer; needs root.
    pub async fn start_as(uid: u32) -> Result<Self> {
        Self::start_for(Some(uid)).await
    }

    async fn start_for(user: Option<u32>) -> Result<Self> {
        let home = TempDir::new()?;
        std::os::unix::fs::chown(home.path(), user, user)?;
        let isolated = Isolated { home: &home, user };
        let (bus, address) = start_bus(&isolated).await?;
        let keyring = start_keyring(&isolated, &address).await?;
        Ok(Self {
            address,
            _bus: bus,
            keyring,
            home,
        })
    }

    /// The value of `DBUS_SESSION_BUS_ADDRESS` for programs that are to use it.
    pub fn bus(&self) -> &str {
        &self.address
    }

    /// Locks what is kept, as at the end of a user's session; unlocking would take a prompt.
    pub async fn lock(&self) -> Result<()> {
        let isolated = Isolated {
            home: &self.home,
            user: None,
        };
        let service = "org.freedesktop.secrets";
        let locked = isolated
            .program("gdbus")
            .args(["call", "--session", "--dest", service])
            .args(["--object-path", "/org/freedesktop/secrets"])
            .args(["--method", "org.freedesktop.Secret.Service.Lock"])
            .arg("['/org/freedesktop/secrets/collection/login']")
            .env("DBUS_SESSION_BUS_ADDRESS", &self.address)
            .stdout(Stdio::null())
            .status()
            .await
            .context("gdbus")?;
        anyhow::ensure!(locked.success(), "it is not locked: {locked}");
        Ok(())
    }

    /// Stops it from answering.
    pub fn hang(&self) -> Result<()> {
        signals::send(&self.keyring, Signal::STOP)
    }

    /// Lets it answer again.
    pub fn answer_again(&self) -> Result<()> {
        signals::send(&self.keyring, Signal::CONT)
    }
}

/// Where the programs keep what they keep, and who runs them.
struct Isolated<'a> {
    home: &'a TempDir,
    user: Option<u32>,
}

impl Isolated<'_> {
    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(name);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.home.path())
            .env("XDG_RUNTIME_DIR", self.home.path())
            .current_dir(self.home.path())
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        if let Some(uid) = self.user {
            command.uid(uid).gid(uid);
        }
        command
    }
}

async fn start_bus(isolated: &Isolated<'_>) -> Result<(Child, String)> {
    let mut bus = isolated
        .program("dbus-daemon")
        .args(["--session", "--nofork", "--nopidfile", "--print-address"])
        // Where it goes with the home: a bus that is killed leaves its socket.
        .arg(format!(
            "--address=unix:dir={}",
            isolated.home.path().display()
        ))
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

async fn start_keyring(isolated: &Isolated<'_>, bus: &str) -> Result<Child> {
    let mut keyring = isolated
        .program("gnome-keyring-daemon")
        .args(["--foreground", "--unlock", "--components=secrets"])
        .env("DBUS_SESSION_BUS_ADDRESS", bus)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("gnome-keyring-daemon")?;
    let mut input = keyring.stdin.take().context("the keyring has no input")?;
    input.write_all(b"only for this test").await?;
    drop(input);
    wait_for_name(isolated, bus, "org.freedesktop.secrets").await?;
    Ok(keyring)
}

/// Waits until somebody owns `name` on the bus: `gdbus wait` listens for it.
async fn wait_for_name(isolated: &Isolated<'_>, bus: &str, name: &str) -> Result<()> {
    let waited = isolated
        .program("gdbus")
        .args(["wait", "--session", "--timeout", "20", name])
        .env("DBUS_SESSION_BUS_ADDRESS", bus)
        .stdout(Stdio::null())
        .status()
        .await
        .context("gdbus")?;
    anyhow::ensure!(waited.success(), "nobody owns {name}");
    Ok(())
}
