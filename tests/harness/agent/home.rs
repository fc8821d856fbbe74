//! The folders that an agent and its tools keep things in, and what they wrote there.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use anyhow::Result;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::LIMIT;
use crate::harness::programs;

/// A user's folders on this computer, and who the user is.
pub struct Home {
    pub(super) folder: TempDir,
    program: PathBuf,
    environment: Vec<(String, String)>,
    user: Option<u32>,
    policy: Option<PathBuf>,
}

/// Runs a program where a folder lies over `/etc`, for it and what it starts.
const WITH_POLICY: &str = "mount -t overlay -o \"lowerdir=/etc,upperdir=$1/over,workdir=$1/work\" \
    overlay /etc && shift && exec \"$@\"";

impl Home {
    /// Of the user who runs the tests.
    pub fn new() -> Self {
        Self::made(programs::cardea(), None)
    }

    /// Of another user of this computer, who runs this copy of the program; needs root.
    pub fn of_user(uid: u32, program: PathBuf) -> Self {
        Self::made(program, Some(uid))
    }

    /// Of the user who runs the tests, with this copy of the program.
    pub fn of_program(program: PathBuf) -> Self {
        Self::made(program, None)
    }

    /// Of a developer, whose settings may give a program more.
    pub fn of_developer() -> Self {
        Self::made(programs::cardea_dev(), None)
    }

    fn made(program: PathBuf, user: Option<u32>) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("cardea-home-")
            .tempdir()
            .unwrap();
        std::fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        for name in ["run", "state", "config"] {
            let path = folder.path().join(name);
            std::fs::create_dir(&path).unwrap();
            std::fs::set_permissions(&path, Permissions::from_mode(0o700)).unwrap();
            if let Some(uid) = user {
                std::os::unix::fs::chown(&path, Some(uid), Some(uid)).unwrap();
            }
        }
        Self {
            folder,
            program,
            environment: Vec::new(),
            user,
            policy: None,
        }
    }

    /// On a computer with this policy: these programs see it, and no others. Needs root.
    pub fn with_policy(mut self, policy: &str) -> Result<Self> {
        let etc = self.folder.path().join("etc");
        std::fs::create_dir_all(etc.join("over/cardea"))?;
        std::fs::create_dir(etc.join("work"))?;
        std::fs::write(etc.join("over/cardea/policy.toml"), policy)?;
        self.policy = Some(etc);
        Ok(self)
    }

    pub fn env(mut self, name: &str, value: impl AsRef<str>) -> Self {
        self.environment
            .push((name.to_owned(), value.as_ref().to_owned()));
        self
    }

    /// What `HOME` names.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The settings file that `--config` names.
    pub fn config(&self) -> PathBuf {
        self.folder.path().join("config.toml")
    }

    pub fn runtime(&self) -> PathBuf {
        self.folder.path().join("run")
    }

    pub fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// Where the agent says how it is reached.
    pub fn endpoint_file(&self) -> PathBuf {
        self.runtime().join("cardea/endpoint.json")
    }

    /// The lines of the audit so far.
    pub fn audit(&self) -> Result<Vec<Value>> {
        let audit = std::fs::read_to_string(self.state().join("cardea/audit.jsonl"))?;
        let lines = audit.lines().map(serde_json::from_str);
        Ok(lines.collect::<Result<_, _>>()?)
    }

    /// The shipped program in these folders, as this user.
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.command_of(&self.program, arguments)
    }

    /// Another program in these folders, as this user.
    pub fn command_of(&self, program: &Path, arguments: &[&str]) -> Command {
        let mut command = match &self.policy {
            None => Command::new(program),
            Some(etc) => {
                let mut command = Command::new("unshare");
                command.args(["--mount", "sh", "-c", WITH_POLICY, "sh"]);
                command.arg(etc).arg(program);
                command
            }
        };
        command
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.folder.path())
            .env("XDG_RUNTIME_DIR", self.runtime())
            .env("XDG_STATE_HOME", self.state())
            .env("XDG_CONFIG_HOME", self.folder.path().join("config"))
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .kill_on_drop(true);
        if let Some(uid) = self.user {
            command.uid(uid).gid(uid);
        }
        command
    }

    /// Runs one of the tools to its end.
    pub async fn tool(&self, arguments: &[&str]) -> Output {
        self.tool_told(arguments, "").await
    }

    /// The same with something on standard input.
    pub async fn tool_told(&self, arguments: &[&str], input: &str) -> Output {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // A tool that reads nothing may be gone already.
        let _gone = stdin.write_all(input.as_bytes()).await;
        drop(stdin);
        let ended = tokio::time::timeout(LIMIT * 3, child.wait_with_output()).await;
        ended.expect("a tool ends in time").unwrap()
    }

    /// Everything the programs have written so far: logs, audit, endpoint, standard error, and
    /// whatever else is in the user's folders; not the settings, which the test wrote.
    pub fn everything_written(&self) -> String {
        let mut text = String::new();
        let mut folders = vec![self.folder.path().to_owned()];
        let mut files = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
                let kind = entry.file_type().unwrap();
                if kind.is_dir() {
                    folders.push(entry.path());
                } else if kind.is_file() && entry.path() != self.config() {
                    files.push(entry.path());
                }
            }
        }
        for file in files {
            let bytes = std::fs::read(file).unwrap_or_default();
            text.push_str(&String::from_utf8_lossy(&bytes));
        }
        text
    }
}
