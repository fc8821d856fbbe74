//! A peer: AusweisApp, whose WebSocket tells programs of readers and cards. It looks at the cards
//! on timers and talks to them.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::harness::pcscd::{Pcscd, Reader};
use crate::harness::workstation::NHS_CARD;
use crate::monotonic;
use crate::process::free_port;
use crate::statistics::milliseconds;

/// Removals in one block: each takes it half a second.
pub const BLOCK: usize = 20;
const LIMIT: Duration = Duration::from_secs(20);
/// How soon it tells who connects of its readers.
const PATIENCE: Duration = Duration::from_secs(2);

/// The running program, with a client at its WebSocket.
pub struct Peer {
    messages: WebSocketStream<MaybeTlsStream<TcpStream>>,
    reader: String,
    version: String,
    _process: Child,
    _home: TempDir,
}

impl Peer {
    /// Starts it on the same PC/SC service.
    pub async fn start(pcscd: &Pcscd, reader: &Reader) -> Result<Self> {
        let home = TempDir::new()?;
        let port = free_port()?;
        let process = Command::from(command(home.path(), &pcscd.socket(), port))
            .kill_on_drop(true)
            .spawn()
            .context("AusweisApp2")?;
        let mut peer = Self {
            messages: connect(port).await?,
            reader: reader.name().to_string(),
            version: String::new(),
            _process: process,
            _home: home,
        };
        // Who connects while it still starts is never told of readers; who connects again is.
        let until = Instant::now() + LIMIT;
        while timeout(PATIENCE, peer.news_of_the_reader()).await.is_err() {
            ensure!(Instant::now() < until, "the peer sees no reader");
            // It has room for one client.
            peer.messages.close(None).await?;
            peer.messages = connect(port).await?;
        }
        peer.version = peer.ask_version().await?;
        Ok(peer)
    }

    /// [`BLOCK`] removals: milliseconds from the command that takes the card out to the message.
    pub async fn block(&mut self, reader: &Reader) -> Result<Vec<f64>> {
        let mut times = Vec::with_capacity(BLOCK);
        for _ in 0..BLOCK {
            reader.insert(NHS_CARD);
            self.news_of_the_reader().await.context("insertion")?;
            let start = monotonic::now();
            reader.remove();
            self.news_of_the_reader().await.context("removal")?;
            times.push(milliseconds(monotonic::now() - start));
        }
        Ok(times)
    }

    /// What the program says of itself.
    pub fn version(&self) -> &str {
        &self.version
    }

    async fn ask(&mut self, command: &str) -> Result<()> {
        let question = Message::text(json!({ "cmd": command }).to_string());
        Ok(self.messages.send(question).await?)
    }

    async fn ask_version(&mut self) -> Result<String> {
        self.ask("GET_INFO").await?;
        let info = self.message(|said| said["msg"] == "INFO").await?;
        let version = &info["VersionInfo"]["Implementation-Version"];
        Ok(version.as_str().context("no version")?.to_owned())
    }

    /// One for each insertion and each removal: to this program a card that is no German eID is
    /// like none, and it says so again.
    async fn news_of_the_reader(&mut self) -> Result<()> {
        let reader = self.reader.clone();
        let is_news = |said: &Value| said["msg"] == "READER" && said["name"] == *reader;
        self.message(is_news).await.map(drop)
    }

    /// The next message of this kind.
    async fn message(&mut self, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
        let found = async {
            while let Some(message) = self.messages.next().await {
                let Message::Text(text) = message? else {
                    continue;
                };
                let said = serde_json::from_str(&text)?;
                if wanted(&said) {
                    return Ok(said);
                }
            }
            bail!("the peer has ended")
        };
        let found = timeout(LIMIT, found).await;
        found.context("the peer says nothing of it")?
    }
}

/// AusweisApp with its WebSocket on this port, and nothing of the user's.
pub fn command(home: &Path, pcscd: &Path, port: u16) -> std::process::Command {
    let mut command = std::process::Command::new("AusweisApp2");
    command
        .args(["--ui", "websocket", "--no-logfile", "--no-loghandler"])
        .args(["--no-proxy", "--port", &port.to_string()])
        .env("HOME", home)
        .env("XDG_RUNTIME_DIR", home)
        .env("QT_QPA_PLATFORM", "offscreen")
        .env("PCSCLITE_CSOCK_NAME", pcscd)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// Connects as soon as it listens.
async fn connect(port: u16) -> Result<WebSocketStream<MaybeTlsStream<TcpStream>>> {
    let address = format!("ws://127.0.0.1:{port}/eID-Kernel");
    let until = Instant::now() + LIMIT;
    loop {
        match connect_async(&address).await {
            Ok((messages, _answer)) => return Ok(messages),
            Err(error) if Instant::now() > until => return Err(error.into()),
            Err(_) => tokio::task::yield_now().await,
        }
    }
}
