//! The agent as IT installs it: the built program, its own folders, real settings.

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use super::programs;

/// How long anything of the agent's own may take before a test gives up.
pub const LIMIT: Duration = Duration::from_secs(20);

/// A clinical program in the agent's settings.
#[derive(Clone, Debug)]
pub struct App {
    pub id: &'static str,
    pub token: String,
    pub scopes: &'static [&'static str],
    pub origins: &'static [&'static str],
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
            origins: &[],
        }
    }

    fn to_toml(&self) -> String {
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, self.token.as_bytes());
        let hash = hash.as_ref().iter().fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").unwrap();
            hex
        });
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
pub struct Plan {
    program: PathBuf,
    environment: Vec<(String, String)>,
    apps: Vec<App>,
    tables: Vec<(String, String)>,
    user: Option<u32>,
}

impl Plan {
    /// The shipped program, with no reader, no provider, no program.
    pub fn new() -> Self {
        Self {
            program: programs::cardea(),
            environment: Vec::new(),
            apps: Vec::new(),
            tables: Vec::new(),
            user: None,
        }
    }

    pub fn env(mut self, name: &str, value: impl AsRef<str>) -> Self {
        self.environment
            .push((name.to_owned(), value.as_ref().to_owned()));
        self
    }

    /// The pcscd to use.
    pub fn pcscd(self, socket: &Path) -> Self {
        self.env("PCSCLITE_CSOCK_NAME", socket.to_str().unwrap())
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
    pub fn setting(mut self, table: &str, line: impl Into<String>) -> Self {
        self.tables.push((table.to_owned(), line.into()));
        self
    }

    /// Runs as another user of this computer; needs root.
    pub fn user(mut self, uid: u32) -> Self {
        self.user = Some(uid);
        self
    }

    fn settings(&self) -> String {
        let mut tables: std::collections::BTreeMap<&str, Vec<String>> = Default::default();
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

    /// Starts it and waits until it says that it is ready.
    pub async fn start(self) -> Agent {
        let home = tempfile::Builder::new()
            .prefix("cardea-agent-")
            .tempdir()
            .unwrap();
        let folder = |name: &str| {
            let path = home.path().join(name);
            std::fs::create_dir_all(&path).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
            if let Some(uid) = self.user {
                std::os::unix::fs::chown(&path, Some(uid), Some(uid)).unwrap();
            }
            path
        };
        let (runtime, state, config_home) = (folder("run"), folder("state"), folder("config"));
        std::fs::set_permissions(home.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let config = home.path().join("config.toml");
        std::fs::write(&config, self.settings()).unwrap();

        let mut command = Command::new(&self.program);
        command
            .args(["run", "--config"])
            .arg(&config)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", home.path())
            .env("XDG_RUNTIME_DIR", &runtime)
            .env("XDG_STATE_HOME", &state)
            .env("XDG_CONFIG_HOME", &config_home)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        if let Some(uid) = self.user {
            command.uid(uid).gid(uid);
        }
        let mut child = command.spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = tokio::time::timeout(LIMIT, output.next_line())
            .await
            .expect("the agent says in time that it is ready")
            .unwrap();
        let Some(ready) = ready else {
            panic!("the agent ended: {:?}", child.wait().await);
        };
        let endpoint = std::fs::read(runtime.join("cardea/endpoint.json")).unwrap();
        let endpoint: Value = serde_json::from_slice(&endpoint).unwrap();
        Agent {
            url: endpoint["url"].as_str().unwrap().to_owned(),
            endpoint,
            ready,
            config,
            runtime,
            state,
            home,
            environment: self.environment,
            child,
            output,
        }
    }
}

/// A running agent; killed when dropped.
pub struct Agent {
    pub url: String,
    pub endpoint: Value,
    /// The line it printed when it was ready.
    pub ready: String,
    pub config: PathBuf,
    pub runtime: PathBuf,
    pub state: PathBuf,
    home: TempDir,
    environment: Vec<(String, String)>,
    child: Child,
    output: Lines<BufReader<ChildStdout>>,
}

impl Agent {
    pub fn pid(&self) -> u32 {
        self.child.id().expect("the agent runs")
    }

    /// Runs one of the shipped tools beside it, in its folders.
    pub async fn tool(&self, arguments: &[&str]) -> std::process::Output {
        self.tool_told(arguments, "").await
    }

    /// The same with something on standard input.
    pub async fn tool_told(&self, arguments: &[&str], input: &str) -> std::process::Output {
        let mut child = Command::new(programs::cardea())
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.home.path())
            .env("XDG_RUNTIME_DIR", &self.runtime)
            .env("XDG_STATE_HOME", &self.state)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // A tool that reads nothing may be gone already.
        let _gone = stdin.write_all(input.as_bytes()).await;
        drop(stdin);
        let ended = tokio::time::timeout(LIMIT * 3, child.wait_with_output()).await;
        ended.expect("a tool ends in time").unwrap()
    }

    /// Everything the agent has written so far: logs, audit, endpoint.
    pub fn everything_written(&self) -> String {
        let mut text = String::new();
        let mut folders = vec![self.state.clone(), self.runtime.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
                let kind = entry.file_type().unwrap();
                if kind.is_dir() {
                    folders.push(entry.path());
                } else if kind.is_file() {
                    let bytes = std::fs::read(entry.path()).unwrap();
                    text.push_str(&String::from_utf8_lossy(&bytes));
                }
            }
        }
        text
    }

    /// Asks it to stop as the system does, and waits until it has.
    pub async fn stop(mut self) -> (std::process::ExitStatus, String) {
        let pid = i32::try_from(self.pid()).unwrap();
        rustix::process::kill_process(
            rustix::process::Pid::from_raw(pid).unwrap(),
            rustix::process::Signal::TERM,
        )
        .unwrap();
        let status = tokio::time::timeout(LIMIT, self.child.wait()).await;
        let status = status.expect("the agent stops in time").unwrap();
        let written = self.everything_written();
        while let Ok(Some(_)) = self.output.next_line().await {}
        (status, written)
    }
}
