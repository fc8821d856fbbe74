//! The `cardea` program beside this one, for what the agent's API has not or when no agent runs.

use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tauri::{AppHandle, Manager as _};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::agent_process::beside;
use crate::arguments::AgentArguments;
use crate::os;

/// So long a program may take that only reads and writes files.
const FILES: Duration = Duration::from_secs(20);
/// So long the checks may take; they have a limit of their own below this.
const EXAMINATION: Duration = Duration::from_secs(150);
/// So much of what a program writes is read.
const LONGEST: u64 = 4 * 1024 * 1024;

/// Why a program did not do what it was started for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ToolError {
    /// It cannot be run.
    #[error("part of Cardea cannot be run: {0}")]
    Missing(#[source] io::Error),
    /// It failed; this is its one line, which says why and what to do.
    #[error("{0}")]
    Failed(String),
}

impl ToolError {
    /// What to do about it.
    pub(crate) fn remedy(&self) -> &'static str {
        match self {
            Self::Missing(_) => "Ask IT to repair the installation of Cardea.",
            Self::Failed(_) => "If it stays, give this text to the help desk.",
        }
    }
}

/// A support bundle that was written.
#[derive(Debug, Serialize)]
pub(crate) struct Bundle {
    file: PathBuf,
}

/// Runs it to its end and gives what it wrote. Where that is JSON its exit code does not matter:
/// settings with a mistake are listed all the same.
pub(crate) async fn json<T: DeserializeOwned>(
    agent: &AgentArguments,
    arguments: &[&str],
) -> Result<T, ToolError> {
    let finished = finish(start(agent, arguments)?, FILES).await?;
    serde_json::from_slice(&finished.written).map_err(|_| ToolError::Failed(finished.said))
}

/// Runs the checks, and gives each line as it comes for as long as somebody hears it.
pub(crate) async fn each_line(
    agent: &AgentArguments,
    arguments: &[&str],
    tell: impl Fn(&str) -> bool,
) -> Result<(), ToolError> {
    let mut child = start(agent, arguments)?;
    let written = child.stdout.take().map(|out| out.take(LONGEST));
    let mut count = 0_usize;
    let listen = async {
        let Some(written) = written else { return };
        let mut lines = BufReader::new(written).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            count += 1;
            if !tell(&line) {
                return;
            }
        }
    };
    let listened = timeout(EXAMINATION, listen).await;
    if listened.is_ok() && count > 0 {
        return Ok(());
    }
    let finished = finish(child, FILES).await?;
    Err(ToolError::Failed(finished.said))
}

/// Writes a support bundle to where this user's files go.
pub(crate) async fn support_bundle(
    agent: &AgentArguments,
    app: &AppHandle,
) -> Result<Bundle, ToolError> {
    let paths = app.path();
    let folder = paths.download_dir().or_else(|_| paths.document_dir());
    let folder = folder.ok().filter(|folder| folder.is_dir());
    let folder = folder.or_else(|| paths.home_dir().ok()).unwrap_or_default();
    let now = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ");
    let file = folder.join(format!("cardea-support-{now}.zip"));

    let mut command = command(agent, &["support-bundle"])?;
    command.arg(&file);
    let child = command.spawn().map_err(ToolError::Missing)?;
    let finished = finish(child, EXAMINATION + FILES).await?;
    match finished.succeeded {
        true => Ok(Bundle { file }),
        false => Err(ToolError::Failed(finished.said)),
    }
}

struct Finished {
    succeeded: bool,
    written: Vec<u8>,
    said: String,
}

fn start(agent: &AgentArguments, arguments: &[&str]) -> Result<Child, ToolError> {
    let child = command(agent, arguments)?.spawn();
    child.map_err(ToolError::Missing)
}

fn command(agent: &AgentArguments, arguments: &[&str]) -> Result<Command, ToolError> {
    let program = beside(os::AGENT).map_err(ToolError::Missing)?;
    let mut command = Command::new(program);
    command.args(arguments);
    if let Some(config) = &agent.config {
        command.arg("--config").arg(config);
    }
    os::of_its_own(&mut command)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    Ok(command)
}

/// Waits for its end, or ends it.
async fn finish(mut child: Child, limit: Duration) -> Result<Finished, ToolError> {
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let work = async {
        let (written, said) = tokio::join!(read(out), read(err));
        (child.wait().await, written, said)
    };
    let Ok((ended, written, said)) = timeout(limit, work).await else {
        return Err(ToolError::Failed(
            "it took too long and was ended".to_owned(),
        ));
    };
    let said = String::from_utf8_lossy(&said);
    Ok(Finished {
        succeeded: ended.is_ok_and(|status| status.success()),
        written,
        said: first_line(&said).to_owned(),
    })
}

/// The line that says why; usage and what else may follow is for a terminal.
fn first_line(said: &str) -> &str {
    let Some(first) = said.trim().lines().next() else {
        return "it did not work, and nothing says why";
    };
    ["cardea: ", "error: "]
        .iter()
        .fold(first, |line, start| line.trim_start_matches(start))
}

async fn read(pipe: Option<impl AsyncRead + Unpin>) -> Vec<u8> {
    let mut all = Vec::new();
    if let Some(pipe) = pipe {
        // What came before it broke is what there is.
        let _ = pipe.take(LONGEST).read_to_end(&mut all).await;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_a_program_says_the_line_that_says_why_is_told() {
        for (said, told) in [
            ("cardea: the file exists\n", "the file exists"),
            (
                "error: unexpected value\n\nUsage: cardea config set\n",
                "unexpected value",
            ),
            (" \n", "it did not work, and nothing says why"),
        ] {
            assert_eq!(first_line(said), told);
        }
    }
}
