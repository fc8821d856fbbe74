//! What the operating system tells of the desktop session: lock, switch, sleep, log-off, and how
//! long nobody touched it. `src-tauri/docs/desktop-session.md` says what ends a session.

#[cfg(target_os = "linux")]
#[path = "linux.rs"]
mod imp;

#[cfg(windows)]
#[path = "windows.rs"]
mod imp;

mod sleep;
#[cfg(any(windows, test))]
mod teller;

use std::convert::Infallible;
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use cardea_session::{Command, Environment};

pub(crate) use imp::{Watch, idle_time, lock_workstation, watch};
pub(crate) use sleep::{Sleep, SleepWatch};
#[cfg(test)]
pub(crate) use teller::{Heard, Teller, queue};

/// What the operating system tells. It counts as taken in when it is dropped: until then the
/// operating system may be waiting.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) environment: Environment,
    _waiting: SyncSender<Infallible>,
}

/// A program says that its user is busy; the operating system knows whether there was any input.
pub(crate) fn with_idle_time(
    command: Command,
    idle_time: impl FnOnce() -> Option<Duration>,
) -> Command {
    match command {
        Command::Activity { .. } => Command::Activity {
            os_idle: idle_time(),
        },
        Command::Login { .. } | Command::CancelLogin | Command::Logout { .. } | Command::Tokens => {
            command
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn activity_comes_with_the_idle_time_of_the_operating_system() {
        let idle = Some(Duration::from_secs(7));
        let claimed = Command::Activity { os_idle: None };
        let known = Command::Activity { os_idle: idle };
        assert_eq!(with_idle_time(claimed, || idle), known);
        let other = with_idle_time(Command::CancelLogin, || panic!("nobody needs to know"));
        assert_eq!(other, Command::CancelLogin);
    }
}
