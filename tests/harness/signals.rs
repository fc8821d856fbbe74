//! Signals to programs that a test has started.

use anyhow::{Context as _, Result};
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::Child;

/// Sends one.
pub fn send(program: &Child, signal: Signal) -> Result<()> {
    let pid = program.id().context("the program has ended")?;
    let pid = Pid::from_raw(i32::try_from(pid)?).context("no process")?;
    Ok(kill_process(pid, signal)?)
}
