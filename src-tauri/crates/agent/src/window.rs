//! The window: a process of its own that the agent starts and otherwise leaves alone.

use std::io;
use std::path::PathBuf;
use std::process::Stdio;

use tokio::process::Command;
use tokio::task::{JoinError, JoinSet};

/// Windows that were asked for and are not closed; the window itself sees to it that there is one.
const MOST_RUNNING: usize = 4;
const PROGRAM: &str = if cfg!(windows) {
    "cardea-desktop.exe"
} else {
    "cardea-desktop"
};

/// Starts the window.
#[derive(Debug, Default)]
pub(crate) struct Window(JoinSet<()>);

impl Window {
    /// Opens the window, or has the open one come forward.
    ///
    /// # Errors
    /// `NotFound` when the window is not installed; what the operating system says otherwise.
    pub(crate) fn open(&mut self) -> io::Result<()> {
        if self.0.len() >= MOST_RUNNING {
            return Ok(());
        }
        let mut child = Command::new(program()?)
            .arg("window")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        self.0.spawn(async move {
            if let Err(error) = child.wait().await {
                tracing::warn!(%error, "what became of the window is not known");
            }
        });
        Ok(())
    }

    /// Waits for the next window to be closed; none when none is open. Safe to drop and call again.
    pub(crate) async fn closed(&mut self) -> Option<Result<(), JoinError>> {
        self.0.join_next().await
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
