//! The window: a process of its own that the agent starts and otherwise leaves alone.

use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;

/// Windows that were asked for and are not closed; the window itself sees to it that there is one.
const MOST_RUNNING: usize = 4;
/// Who asks again within this time has been heard: no program is to bring the window forward all
/// the time.
const PAUSE: Duration = Duration::from_secs(2);
const PROGRAM: &str = if cfg!(windows) {
    "cardea-desktop.exe"
} else {
    "cardea-desktop"
};

/// Starts the window.
#[derive(Debug, Default)]
pub(crate) struct Window {
    running: JoinSet<()>,
    last_asked: Option<Instant>,
}

impl Window {
    /// Opens the window, or has the open one come forward.
    ///
    /// # Errors
    /// `NotFound` when the window is not installed; what the operating system says otherwise.
    pub(crate) fn open(&mut self) -> io::Result<()> {
        let now = Instant::now();
        let is_soon = self.last_asked.is_some_and(|last| now - last < PAUSE);
        if is_soon || self.running.len() >= MOST_RUNNING {
            return Ok(());
        }
        let mut child = Command::new(program()?)
            .arg("window")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        self.last_asked = Some(now);
        self.running.spawn(async move {
            if let Err(error) = child.wait().await {
                tracing::warn!(%error, "what became of the window is not known");
            }
        });
        Ok(())
    }

    /// Waits for the next window to be closed; none when none is open. Safe to drop and call again.
    pub(crate) async fn closed(&mut self) -> Option<Result<(), JoinError>> {
        self.running.join_next().await
    }
}

/// Beside the agent, and nowhere else.
fn program() -> io::Result<PathBuf> {
    let program = std::env::current_exe()?.with_file_name(PROGRAM);
    if program.is_file() {
        Ok(program)
    } else {
        Err(io::ErrorKind::NotFound.into())
    }
}
