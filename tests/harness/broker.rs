//! A real broker on this computer, with TLS by a certificate authority of the test's own.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::sync::watch;
use tokio::time::timeout;

use super::programs;
use super::tls::{Authority, openssl};

const LIMIT: Duration = Duration::from_secs(20);

/// What the broker has before it is started: its certificate, and the credential that CIS2 knows.
pub struct BrokerFiles {
    folder: TempDir,
    authority: Authority,
    environment: Vec<(&'static str, String)>,
}

/// The running broker; killed when dropped.
pub struct Broker {
    files: BrokerFiles,
    child: Child,
    url: String,
    log: watch::Receiver<String>,
}

impl BrokerFiles {
    /// With a client secret.
    pub async fn with_secret(secret: &str) -> Result<Self> {
        let files = Self::new().await?;
        files.write("credential", secret)?;
        Ok(files)
    }

    /// With a key that signs by RS512.
    pub async fn with_key() -> Result<Self> {
        let files = Self::new().await?;
        let rsa = "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out credential";
        openssl(files.folder.path(), rsa).await?;
        files.make_private("credential")?;
        Ok(files)
    }

    async fn new() -> Result<Self> {
        let files = Self {
            folder: TempDir::new()?,
            authority: Authority::new("Broker").await?,
            environment: Vec::new(),
        };
        files.approve(&[])?;
        Ok(files)
    }

    /// Who a workstation has to trust, and who may issue certificates to workstations.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// One more setting, by the environment.
    pub fn setting(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.environment.push((name, value.into()));
        self
    }

    /// Approves exactly these workstations.
    pub fn approve(&self, thumbprints: &[&str]) -> Result<()> {
        let lines = thumbprints.iter().map(|kid| format!("{kid}  RECEPTION\n"));
        self.write("approved", &lines.collect::<String>())
    }

    /// The public half of its key, as CIS2 is to know it.
    pub async fn jwks(&self, client_id: &str) -> Result<Value> {
        let settings = self.command("http://127.0.0.1:1", client_id, "private_key_jwt", 1);
        let mut settings = settings?;
        let printed = timeout(LIMIT, settings.arg("jwks").output()).await??;
        let said = String::from_utf8_lossy(&printed.stderr);
        ensure!(printed.status.success(), "{said}");
        Ok(serde_json::from_slice(&printed.stdout)?)
    }

    /// Starts the broker on this port, for a provider on loopback.
    pub async fn start(
        self,
        issuer: &str,
        client_id: &str,
        client_auth: &str,
        port: u16,
    ) -> Result<Broker> {
        let mut child = self
            .command(issuer, client_id, client_auth, port)?
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
        Ok(Broker {
            files: self,
            child,
            url: format!("https://localhost:{port}"),
            log,
        })
    }

    /// By a file, and in part by the environment.
    fn command(
        &self,
        issuer: &str,
        client_id: &str,
        client_auth: &str,
        port: u16,
    ) -> Result<Command> {
        let path = |name: &str| self.path(name).to_string_lossy().into_owned();
        let (certificate, key) = self.authority.server_files();
        let settings = format!(
            "listen = \"127.0.0.1:{port}\"\npublic_url = \"https://localhost:{port}\"\n\
             log = \"trace\"\n[provider]\nissuer = {issuer:?}\nclient_id = {client_id:?}\n\
             client_auth = {client_auth:?}\ncredential = {:?}\n\
             redirect_uris = [\"http://localhost:0/callback\"]\n\
             [tls]\ncertificate = {:?}\nkey = {:?}\n",
            path("credential"),
            certificate,
            key,
        );
        self.write("broker.toml", &settings)?;
        let mut command = Command::new(programs::cardea_broker());
        command
            .args(["--config", &path("broker.toml")])
            .env_clear()
            .env("CARDEA_BROKER_WORKSTATIONS_APPROVED", path("approved"))
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .kill_on_drop(true);
        Ok(command)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Puts this into one of its files: `credential`, `approved`.
    pub fn write(&self, name: &str, text: &str) -> Result<()> {
        fs::write(self.path(name), text)?;
        self.make_private(name)
    }

    fn make_private(&self, name: &str) -> Result<()> {
        let path: &Path = &self.path(name);
        Ok(fs::set_permissions(path, Permissions::from_mode(0o600))?)
    }
}

impl Broker {
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
        let answered = |log: &String| results(log, route).iter().any(|known| known == result);
        let found = timeout(LIMIT, self.log.wait_for(answered)).await;
        let found = found.map(|found| found.map(drop));
        found.with_context(|| self.log.borrow().clone())??;
        Ok(())
    }

    /// Waits until it has answered so many requests of this route, and gives how the last one went.
    pub async fn last_of(&mut self, route: &str, count: usize) -> Result<String> {
        let answered = timeout(
            LIMIT,
            self.log.wait_for(|log| results(log, route).len() >= count),
        );
        let answered = answered.await.map(|found| found.map(drop));
        answered.with_context(|| self.log.borrow().clone())??;
        let last = results(&self.log.borrow(), route).pop();
        last.context("nothing was asked")
    }

    /// Waits until it has logged this.
    pub async fn has_logged(&mut self, message: &str) -> Result<()> {
        let found = timeout(LIMIT, self.log.wait_for(|log| log.contains(message))).await;
        let found = found.map(|found| found.map(drop));
        found.with_context(|| self.log.borrow().clone())??;
        Ok(())
    }

    /// Asks it, at its own port, whether it is well.
    pub async fn is_healthy(&self) -> Result<()> {
        let asked = Command::new("curl")
            .args(["--silent", "--show-error", "--max-time", "20"])
            .args(["--noproxy", "*", "--cacert"])
            .arg(self.files.authority.certificate())
            .arg(format!("{}/health", self.url))
            .output()
            .await?;
        let healthy = asked.stdout == b"{\"status\":\"ok\"}";
        ensure!(healthy, "{asked:?}");
        Ok(())
    }

    /// Asks it to stop as a container is stopped, and waits until it has.
    pub async fn stop(mut self) -> Result<String> {
        let pid = i32::try_from(self.child.id().context("it has ended")?)?;
        let pid = rustix::process::Pid::from_raw(pid).context("no process")?;
        rustix::process::kill_process(pid, rustix::process::Signal::TERM)?;
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
