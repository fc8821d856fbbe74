//! The agent's process: `cardea run` beside this program.

mod other;

use std::io;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};

use cardea_desktop_model::Ending;
use tokio::process::{Child, Command};

use crate::arguments::{AgentArguments, View};
use crate::message::Message;
use crate::os;

pub(crate) use other::end_other;

/// What the agent is started by.
#[derive(Clone, Debug)]
pub(crate) struct AgentProgram {
    pub(crate) path: PathBuf,
    pub(crate) arguments: AgentArguments,
}

impl AgentProgram {
    /// The one beside this program.
    pub(crate) fn beside(arguments: AgentArguments) -> io::Result<Self> {
        Ok(Self {
            path: beside(os::AGENT)?,
            arguments,
        })
    }
}

/// The running agent. It is not ended when this is dropped: a tray that is lost takes no session
/// with it, and the next one follows the agent that is there.
#[derive(Debug)]
pub(crate) struct AgentProcess {
    child: Child,
}

impl AgentProcess {
    /// Starts it.
    pub(crate) fn start(program: &AgentProgram) -> io::Result<Self> {
        let mut command = Command::new(&program.path);
        command.arg("run");
        if let Some(config) = &program.arguments.config {
            command.arg("--config").arg(config);
        }
        let child = os::of_its_own(&mut command)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Self { child })
    }

    /// Waits for its end. Safe to drop and call again.
    pub(crate) async fn ended(&mut self) -> Ending {
        match self.child.wait().await {
            Ok(status) => ending(status),
            Err(error) => {
                tracing::warn!(%error, "what became of the agent is not known");
                Ending::Killed
            }
        }
    }

    /// Asks it to end in order.
    pub(crate) fn ask_to_stop(&mut self) -> io::Result<()> {
        os::ask_to_stop(&mut self.child)
    }

    /// Ends it.
    pub(crate) fn kill(&mut self) {
        if let Err(error) = self.child.start_kill() {
            tracing::warn!(%error, "the agent cannot be ended");
        }
    }
}

/// The window at `view`, to be started.
pub(crate) fn window(view: View, agent: &AgentArguments) -> io::Result<std::process::Command> {
    let mut command = itself()?;
    command.args(["window", "--view", view.as_str()]);
    if let Some(config) = &agent.config {
        command.arg("--config").arg(config);
    }
    Ok(command)
}

/// A message in a process of its own, to be started.
pub(crate) fn message(message: Message) -> io::Result<std::process::Command> {
    let mut command = itself()?;
    command.args(["message", message.as_str()]);
    Ok(command)
}

/// This program once more.
fn itself() -> io::Result<std::process::Command> {
    let mut command = std::process::Command::new(std::env::current_exe()?);
    if let Some(name) = os::own_variable() {
        command.env_remove(name);
    }
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    Ok(command)
}

fn ending(status: ExitStatus) -> Ending {
    match status.code() {
        Some(0) => Ending::InOrder,
        Some(code) => Ending::Failed(code),
        None => Ending::Killed,
    }
}

/// A program in the same folder as this one.
pub(crate) fn beside(name: &str) -> io::Result<PathBuf> {
    Ok(std::env::current_exe()?.with_file_name(name))
}
