//! A peer's way to be asked how it is: AusweisApp answers `GET /eID-Client?Status=json` to
//! everybody, by HTTP/1.0 and so with a connection for each request.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Child;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use tempfile::TempDir;

use crate::harness::http::send;
use crate::peer;
use crate::process::free_port;

const LIMIT: Duration = Duration::from_secs(20);

/// The running program; killed when dropped.
pub struct PeerStatus {
    process: Child,
    port: u16,
    version: String,
    _home: TempDir,
}

impl PeerStatus {
    /// Starts it, and waits until it answers.
    pub async fn start(pcscd: &Path) -> Result<Self> {
        let home = TempDir::new()?;
        let port = free_port()?;
        // Without the second one its answer is 503.
        let process = peer::command(home.path(), pcscd, port)
            .args(["--ui", "webservice"])
            .spawn()
            .context("AusweisApp2")?;
        let mut peer = Self {
            process,
            port,
            version: String::new(),
            _home: home,
        };
        peer.version = peer.ask().await?;
        Ok(peer)
    }

    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    pub fn address(&self) -> SocketAddr {
        ([127, 0, 0, 1], self.port).into()
    }

    /// What the program says of itself.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What a program sends to it.
    pub fn request(&self) -> Vec<u8> {
        let port = self.port;
        format!("GET /eID-Client?Status=json HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n\r\n").into()
    }

    /// Asks for its version as soon as it listens.
    async fn ask(&self) -> Result<String> {
        let address = format!("http://127.0.0.1:{}/eID-Client?Status=json", self.port);
        let until = Instant::now() + LIMIT;
        loop {
            match send(http::Request::get(&address).body(String::new())?).await {
                Ok(answer) if answer.status() == 200 => {
                    let status: serde_json::Value = serde_json::from_slice(answer.body())?;
                    let version = status["Implementation-Version"].as_str();
                    return Ok(version.context("no version")?.to_owned());
                }
                Ok(_) | Err(_) => ensure!(Instant::now() < until, "the peer does not answer"),
            }
            tokio::task::yield_now().await;
        }
    }
}

impl Drop for PeerStatus {
    fn drop(&mut self) {
        let _gone = self.process.kill();
        let _gone = self.process.wait();
    }
}
