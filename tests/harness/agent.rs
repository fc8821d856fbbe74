//! The agent as IT installs it: the built program, its own folders, real settings.

mod home;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::Result;
use bytes::Bytes;
use http::{Request, Response};
use rustix::process::Signal;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout};

use super::http::send;
use super::signals;

pub use home::Home;

/// How long anything of the agent's own may take before a test gives up.
pub const LIMIT: Duration = Duration::from_secs(20);

/// A clinical program in the agent's settings.
#[derive(Clone, Debug)]
pub struct App {
    pub id: &'static str,
    pub token: String,
    pub scopes: &'static [&'static str],
    pub origins: Vec<String>,
}

impl App {
    /// A program with every scope that settings in a test file can give.
    pub fn new(id: &'static str) -> Self {
        Self {
            id,
            token: random_token(),
            scopes: &[
                "session:read",
                "identity:read",
                "session:control",
                "session:activity",
                "diagnostics:read",
            ],
            origins: Vec::new(),
        }
    }

    /// The same, with the session's tokens too: those only a developer's settings file can give.
    pub fn with_tokens(id: &'static str) -> Self {
        Self {
            scopes: &["session:read", "session:control", "tokens:read"],
            ..Self::new(id)
        }
    }

    /// How our own client takes it.
    pub fn of_client(&self) -> Result<cardea_client::App> {
        Ok(cardea_client::App {
            id: self.id.to_owned(),
            token: cardea_client::Token::new(self.token.clone())?,
        })
    }

    /// How settings know its token.
    pub fn token_sha256(&self) -> String {
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, self.token.as_bytes());
        hash.as_ref().iter().fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").unwrap();
            hex
        })
    }

    fn to_toml(&self) -> String {
        let hash = self.token_sha256();
        format!(
            "{{ id = {:?}, name = {:?}, scopes = {:?}, origins = {:?}, token_sha256 = {hash:?} }}",
            self.id, self.id, self.scopes, self.origins
        )
    }
}

/// 43 characters of base64url.
fn random_token() -> String {
    use base64::Engine as _;
    let mut bytes = [0; 32];
    aws_lc_rs::rand::fill(&mut bytes).unwrap();
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

/// How an agent is to be started.
#[derive(Default)]
pub struct Plan {
    apps: Vec<App>,
    tables: Vec<(String, String)>,
}

impl Plan {
    /// With no reader, no provider, no program.
    pub fn new() -> Self {
        Self::default()
    }

    pub fn app(mut self, app: &App) -> Self {
        self.apps.push(app.clone());
        self
    }

    /// A provider on loopback.
    pub fn cis2(self, issuer: &str, client_id: &str) -> Self {
        self.setting("cis2", "environment = \"custom\"")
            .setting("cis2", format!("issuer = {issuer:?}"))
            .setting("cis2", format!("client_id = {client_id:?}"))
    }

    /// One line of a table of the settings, for instance `("session", "idle_timeout = \"1m\"")`.
    /// The last one of a key counts.
    pub fn setting(mut self, table: &str, line: impl Into<String>) -> Self {
        let line = line.into();
        let key = |line: &str| line.split('=').next().map(|key| key.trim().to_owned());
        self.tables
            .retain(|(other, before)| other != table || key(before) != key(&line));
        self.tables.push((table.to_owned(), line));
        self
    }

    fn settings(&self) -> String {
        let mut tables: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        let apps: Vec<String> = self.apps.iter().map(App::to_toml).collect();
        let api = tables.entry("api").or_default();
        api.push(format!("apps = [{}]", apps.join(", ")));
        for (table, line) in &self.tables {
            tables.entry(table).or_default().push(line.clone());
        }
        let mut text = String::new();
        for (table, lines) in tables {
            writeln!(text, "[{table}]\n{}\n", lines.join("\n")).unwrap();
        }
        text
    }

    /// Writes the settings where `--config` finds them.
    pub fn write(&self, home: &Home) {
        std::fs::write(home.config(), self.settings()).unwrap();
    }

    /// Starts it in a home, and waits until it says that it is ready.
    pub async fn start_in(self, home: Home) -> Agent {
        let (child, output) = self.start_without_port(&home).await;
        let endpoint = std::fs::read(home.endpoint_file()).unwrap();
        let endpoint: Value = serde_json::from_slice(&endpoint).unwrap();
        Agent {
            url: endpoint["url"].as_str().unwrap().to_owned(),
            endpoint,
            home,
            child,
            output,
        }
    }

    /// Starts it where it gets no port: that it is ready it says all the same.
    pub async fn start_without_port(self, home: &Home) -> (Child, Lines<BufReader<ChildStdout>>) {
        self.write(home);
        let mut child = home
            .command(&["run", "--config", home.config().to_str().unwrap()])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(home.folder.path().join("stderr")).unwrap())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = tokio::time::timeout(LIMIT, output.next_line())
            .await
            .expect("the agent says in time that it is ready")
            .unwrap();
        if ready.is_none() {
            let ended = child.wait().await;
            panic!("the agent ended: {ended:?}, {}", home.everything_written());
        }
        (child, output)
    }
}

/// A running agent; killed when dropped.
pub struct Agent {
    pub url: String,
    pub endpoint: Value,
    pub home: Home,
    child: Child,
    output: Lines<BufReader<ChildStdout>>,
}

impl Agent {
    /// The port of its local API.
    pub fn port(&self) -> &str {
        self.url.rsplit(':').next().unwrap()
    }

    /// Asks a route as the program with this token.
    pub async fn get(&self, route: &str, token: &str) -> Result<Response<Bytes>> {
        let request = Request::get(format!("{}{route}", self.url))
            .header("authorization", format!("Bearer {token}"))
            .body(String::new())?;
        send(request).await
    }

    /// Calls a route as the program with this token.
    pub async fn post(&self, route: &str, token: &str, body: &str) -> Result<Response<Bytes>> {
        let request = Request::post(format!("{}{route}", self.url))
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json")
            .body(body.to_owned())?;
        send(request).await
    }

    pub fn pid(&self) -> u32 {
        self.child.id().expect("the agent runs")
    }

    pub fn signal(&self, signal: Signal) {
        signals::send(&self.child, signal).unwrap();
    }

    /// Replaces the settings while it runs.
    pub fn change_settings(&self, plan: &Plan) {
        let new = self.home.folder.path().join("config.new");
        std::fs::write(&new, plan.settings()).unwrap();
        std::fs::rename(new, self.home.config()).unwrap();
    }

    /// Kills it as a crash would.
    pub async fn kill(mut self) -> Home {
        self.child.kill().await.unwrap();
        self.home
    }

    /// Asks it to stop as the system does, and waits until it has.
    pub async fn stop(mut self) -> (ExitStatus, Home) {
        self.signal(Signal::TERM);
        let status = tokio::time::timeout(LIMIT, self.child.wait()).await;
        let status = status.expect("the agent stops in time").unwrap();
        while let Ok(Some(_)) = self.output.next_line().await {}
        (status, self.home)
    }
}
