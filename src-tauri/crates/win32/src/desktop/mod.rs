//! The desktop session of this process: whether its user sits at it, and what happens to it.

mod messages;
#[cfg(any(test, feature = "test-support"))]
mod staged;
mod state;
mod watch;

#[cfg(any(test, feature = "test-support"))]
pub use staged::{Staged, stage};
pub use state::{idle_time, lock_workstation, session_is_active, session_is_locked};
pub use watch::{DesktopWatch, Watching};

/// What happens to the desktop session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DesktopEvent {
    /// How things are when the watch begins; always the first event.
    Began {
        /// Whether this is the session that its user sits at.
        active: bool,
        /// Whether the workstation is locked; none when Windows does not say.
        locked: Option<bool>,
    },
    /// The workstation was locked.
    Locked,
    /// The workstation was unlocked.
    Unlocked,
    /// The session is the one that its user sits at, at the computer or remotely.
    Connected,
    /// Console or remote client left the session, also by a switch to another user.
    Disconnected,
    /// The computer goes to sleep, or has slept without saying so before.
    Suspending,
    /// The session ends: log-off, shutdown, or the program is to be replaced. Windows ends the
    /// process soon after the answer.
    LoggingOff,
}
