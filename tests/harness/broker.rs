//! A real broker on this computer, with TLS by a certificate authority of the test's own.

mod files;

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use rustix::process::Signal;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::sync::watch;
use tokio::time::timeout;

use super::signals;
use super::tls::Certified;

pub use files::BrokerFiles;

const LIMIT: Duration = Duration::from_secs(20);

/// The running broker; killed when dropped.
pub struct Broker {
    files: BrokerFiles,
    child: Child,
    url: String,
    log: watch::Receiver<String>,
}

impl Broker {
    async fn start(files: BrokerFiles, issuer: &str, port: u16) -> Result<Self> {
        let mut child = files
            .command(issuer, port)?
            .stdout(Stdio::piped())
            .spawn()
            .context("cardea-broker")?;
        let output = child.stdout.take().context("no output")?;
        let (kept, log) = watch::channel(String::new());
        let mut lines = BufReader::new(output).lines();
        timeout(LIMIT, until_it_listens(&mut lines, &kept))
            .await
            .context("the broker does not listen in time")??;
        tokio::spawn(async move { while next(&mut lines, &kept).await.is_some() {} });
        Ok(Self {
            files,
            child,
            url: format!("https://localhost:{port}"),
            log,
        })
    }

    /// What workstations have as `broker_url`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its files, to approve other workstations.
    pub fn files(&self) -> &BrokerFiles {
        &self.files
    }

    /// Waits until it has answered a request of this route so.
    pub async fn has_answered(&mut self, route: &str, result: &str) -> Result<()> {
        self.until(|log| results(log, route).iter().any(|known| known == result))
            .await
    }

    /// Waits until it has answered so many requests of this route, and gives how the last one went.
    pub async fn last_of(&mut self, route: &str, count: usize) -> Result<String> {
        self.until(|log| results(log, route).len() >= count).await?;
        let last = results(&self.log.borrow(), route).pop();
        last.context("nothing was asked")
    }

    /// Waits until it has logged this.
    pub async fn has_logged(&mut self, message: &str) -> Result<()> {
        self.until(|log| log.contains(message)).await
    }

    /// Waits until its log is so.
    async fn until(&mut self, is_so: impl Fn(&str) -> bool) -> Result<()> {
        let found = timeout(LIMIT, self.log.wait_for(|log| is_so(log))).await;
        let found = found.map(|found| found.map(drop));
        found.with_context(|| self.log.borrow().clone())??;
        Ok(())
    }

    /// Asks it by curl, which shows a certificate: the answer with its status at the end, or what
    /// curl says against it.
    pub async fn curl(
        &self,
        route: &str,
        shown: Option<&Certified>,
        more: &[&str],
    ) -> Result<Result<String, String>> {
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--show-error", "--max-time", "20"])
            .args(["--noproxy", "*", "--write-out", " %{http_code}"])
            .arg("--cacert")
            .arg(self.files.authority().certificate());
        if let Some(shown) = shown {
            curl.arg("--cert").arg(&shown.certificate);
            curl.arg("--key").arg(&shown.key);
        }
        let asked = curl
            .args(more)
            .arg(format!("{}{route}", self.url))
            .output()
            .await?;
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Ok(match asked.status.success() {
            true => Ok(text(asked.stdout)),
            false => Err(text(asked.stderr)),
        })
    }

    /// The same, where there must be an answer.
    pub async fn answer(
        &self,
        route: &str,
        shown: Option<&Certified>,
        more: &[&str],
    ) -> Result<String> {
        let answer = self.curl(route, shown, more).await?;
        answer.map_err(anyhow::Error::msg)
    }

    /// Asks it, at its own port, whether it is well.
    pub async fn is_healthy(&self) -> Result<()> {
        let health = self.answer("/health", None, &[]).await?;
        ensure!(health == "{\"status\":\"ok\"} 200", "{health}");
        Ok(())
    }

    /// Asks it to stop as a container is stopped, and waits until it has.
    pub async fn stop(mut self) -> Result<String> {
        signals::send(&self.child, Signal::TERM)?;
        let status = timeout(LIMIT, self.child.wait())
            .await
            .context("it stays")??;
        ensure!(status.success(), "{status}");
        // Its output has ended with it.
        while self.log.changed().await.is_ok() {}
        Ok(self.log.borrow().clone())
    }
}

/// How the requests of a route went.
fn results(log: &str, route: &str) -> Vec<String> {
    let lines = log.lines().filter_map(|line| {
        let line = serde_json::from_str::<Value>(line).ok()?;
        let result = line["result"].as_str().filter(|_| line["route"] == route)?;
        Some(result.to_owned())
    });
    lines.collect()
}

async fn until_it_listens(
    lines: &mut Lines<BufReader<ChildStdout>>,
    log: &watch::Sender<String>,
) -> Result<()> {
    while let Some(line) = next(lines, log).await {
        if line.contains("\"listening\"") {
            return Ok(());
        }
    }
    bail!("the broker has ended")
}

async fn next(
    lines: &mut Lines<BufReader<ChildStdout>>,
    log: &watch::Sender<String>,
) -> Option<String> {
    let line = lines.next_line().await.ok()??;
    log.send_modify(|log| {
        log.push_str(&line);
        log.push('\n');
    });
    Some(line)
}
