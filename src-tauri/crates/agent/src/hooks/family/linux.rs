//! Linux: a process group.

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, Command};

/// In a process group of its own.
pub(crate) fn alone(command: &mut Command) {
    command.process_group(0);
}

/// A hook and what it started; killed when dropped, as the hook alone would leave the rest.
pub(crate) struct Family(Option<Pid>);

impl Family {
    pub(crate) fn of(child: &Child) -> Self {
        let group = child.id().and_then(|id| id.try_into().ok());
        Self(group.and_then(Pid::from_raw))
    }

    /// The hook has ended of its own accord: what it left running may go on.
    pub(crate) fn leave(mut self) {
        self.0 = None;
    }
}

impl Drop for Family {
    fn drop(&mut self) {
        if let Some(group) = self.0.take() {
            let _gone = kill_process_group(group, Signal::KILL);
        }
    }
}
