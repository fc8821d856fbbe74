//! `[hooks]`: programs of IT's that are started when a session has ended. After everything else,
//! and bounded: they can delay nobody.

mod family;
#[cfg(test)]
mod tests;

use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use cardea_session::{EndReason, SessionId};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::Command;
use tokio::task::{JoinError, JoinSet};
use tokio::time::timeout;

use family::{Family, alone};

/// How long a hook may run; then it is killed.
const LIMIT: Duration = Duration::from_secs(30);
/// How long to wait for output after a hook has ended.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// Hooks that run at once; what comes on top is left out.
const MOST_RUNNING: usize = 4;
/// How much of what a hook prints is logged, in bytes of each stream.
const MOST_OUTPUT: u64 = 4 * 1024;

/// The hooks that run, and what is to be run.
#[derive(Debug, Default)]
pub(crate) struct Hooks {
    /// The program and its arguments; empty for none. No shell sees them.
    on_session_end: Vec<String>,
    running: JoinSet<()>,
}

impl Hooks {
    /// What is to be run from now on.
    pub(crate) fn follow(&mut self, on_session_end: &[String]) {
        self.on_session_end = on_session_end.to_vec();
    }

    /// A session is over.
    pub(crate) fn session_ended(&mut self, session: &SessionId, reason: EndReason) {
        let [program, arguments @ ..] = self.on_session_end.as_slice() else {
            return;
        };
        if self.running.len() >= MOST_RUNNING {
            tracing::warn!(%session, "too many hooks run; the one for this session is left out");
            return;
        }
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env("CARDEA_REASON", reason.as_str())
            .env("CARDEA_SESSION_ID", session.as_str())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        alone(&mut command);
        let session = session.clone();
        self.running.spawn(async move {
            match timeout(LIMIT, run(command)).await {
                Ok(Ok(Ran { status, output })) if status.success() => {
                    tracing::info!(%session, output, "the hook is done");
                }
                Ok(Ok(Ran { status, output })) => {
                    tracing::warn!(%session, %status, output, "the hook failed");
                }
                Ok(Err(error)) => tracing::warn!(%session, %error, "the hook could not be run"),
                Err(_) => tracing::warn!(%session, "the hook took too long and was killed"),
            }
        });
    }

    /// Waits for the next hook to end; none when none runs. Safe to drop and call again.
    pub(crate) async fn ended(&mut self) -> Option<Result<(), JoinError>> {
        self.running.join_next().await
    }

    /// Waits until all have ended, at the most this long; then they are killed.
    pub(crate) async fn finish(&mut self, limit: Duration) {
        let all = async { while self.running.join_next().await.is_some() {} };
        if timeout(limit, all).await.is_err() {
            tracing::warn!("hooks were killed because the agent stops");
        }
        self.running.shutdown().await;
    }
}

struct Ran {
    status: ExitStatus,
    output: String,
}

async fn run(mut command: Command) -> std::io::Result<Ran> {
    let mut child = command.spawn()?;
    let family = Family::of(&child);
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let (mut from_out, mut from_err) = (Vec::new(), Vec::new());
    let status = {
        let read = async { tokio::join!(read(out, &mut from_out), read(err, &mut from_err)) };
        let mut read = pin!(read);
        let mut is_read = false;
        let status = loop {
            tokio::select! {
                status = child.wait() => break status?,
                _ = &mut read, if !is_read => is_read = true,
            }
        };
        if !is_read {
            // What it left running may keep its output open.
            let _last_words = timeout(LAST_WORDS, read).await;
        }
        status
    };
    family.leave();
    Ok(Ran {
        status,
        output: String::from_utf8_lossy(&[from_out, from_err].concat()).into_owned(),
    })
}

/// Reads the start of what a stream brings; the rest is read and dropped, so that who writes is not
/// held up.
async fn read(stream: Option<impl AsyncRead + Unpin>, start: &mut Vec<u8>) {
    let Some(mut stream) = stream else {
        return;
    };
    let read = (&mut stream).take(MOST_OUTPUT).read_to_end(start).await;
    if read.is_ok() {
        let _closed = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
    }
}
