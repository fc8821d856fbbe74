//! What a broker has before it is started: settings, certificates, and the credential that CIS2 knows.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Result, ensure};
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;
use tokio::time::timeout;

use super::{Broker, LIMIT};
use crate::harness::programs;
use crate::harness::tls::{Authority, openssl};
use crate::harness::workstation::{CLIENT_ID, SECRET};

/// The files, and what the environment is to say.
pub struct BrokerFiles {
    folder: TempDir,
    authority: Authority,
    client_auth: &'static str,
    environment: Vec<(&'static str, String)>,
}

impl BrokerFiles {
    /// With the client secret.
    pub async fn with_secret() -> Result<Self> {
        let files = Self::new("client_secret_post").await?;
        files.write("credential", SECRET)?;
        Ok(files)
    }

    /// The same, of a broker that takes certificates of its own authority, and keys where `proof`
    /// says so.
    pub async fn with_certificates(proof: &str) -> Result<Self> {
        let files = Self::with_secret().await?;
        let authority = files.authority.certificate();
        Ok(files
            .setting("CARDEA_BROKER_WORKSTATIONS_PROOF", proof)
            .setting("CARDEA_BROKER_TLS_CLIENT_CA", authority.to_string_lossy()))
    }

    /// Certificates only, with a list of what the authority has taken back.
    pub async fn with_revocations() -> Result<Self> {
        let files = Self::with_certificates("certificate").await?;
        let list = files.authority.current_revocations().await?;
        Ok(files.setting("CARDEA_BROKER_TLS_CLIENT_CRL", list.to_string_lossy()))
    }

    /// With a key that signs by RS512.
    pub async fn with_key() -> Result<Self> {
        let files = Self::new("private_key_jwt").await?;
        let rsa = "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out credential";
        openssl(files.folder.path(), rsa).await?;
        files.make_private("credential")?;
        Ok(files)
    }

    async fn new(client_auth: &'static str) -> Result<Self> {
        let files = Self {
            folder: TempDir::new()?,
            authority: Authority::new("Broker").await?,
            client_auth,
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
    pub async fn jwks(&self) -> Result<Value> {
        let mut settings = self.command("http://127.0.0.1:1", 1)?;
        let printed = timeout(LIMIT, settings.arg("jwks").output()).await??;
        let said = String::from_utf8_lossy(&printed.stderr);
        ensure!(printed.status.success(), "{said}");
        Ok(serde_json::from_slice(&printed.stdout)?)
    }

    /// Starts the broker on this port, for a provider on loopback.
    pub async fn start(self, issuer: &str, port: u16) -> Result<Broker> {
        Broker::start(self, issuer, port).await
    }

    /// By a file, and in part by the environment.
    pub(super) fn command(&self, issuer: &str, port: u16) -> Result<Command> {
        let path = |name: &str| self.path(name).to_string_lossy().into_owned();
        let (certificate, key) = self.authority.server_files();
        let settings = format!(
            "listen = \"127.0.0.1:{port}\"\npublic_url = \"https://localhost:{port}\"\n\
             log = \"trace\"\n[provider]\nissuer = {issuer:?}\nclient_id = {CLIENT_ID:?}\n\
             client_auth = {:?}\ncredential = {:?}\n\
             redirect_uris = [\"http://localhost:0/callback\"]\n\
             [tls]\ncertificate = {:?}\nkey = {:?}\n",
            self.client_auth,
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
