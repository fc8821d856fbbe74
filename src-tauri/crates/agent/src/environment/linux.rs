//! `CLOCK_BOOTTIME` counts sleep, `CLOCK_MONOTONIC` does not (clock_gettime(2)). Nothing else is
//! told here.

use std::io;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use tokio::sync::mpsc;

use super::Report;

/// Keeps the queue open, in which nothing ever comes.
#[derive(Debug)]
pub(crate) struct Watch {
    _reports: mpsc::Sender<Report>,
}

/// Starts to listen to the desktop session.
pub(crate) fn watch() -> io::Result<(Watch, mpsc::Receiver<Report>)> {
    let (sender, reports) = mpsc::channel(1);
    Ok((Watch { _reports: sender }, reports))
}

/// How long the user touched neither keyboard nor mouse; not known here.
pub(crate) fn idle_time() -> Option<Duration> {
    None
}

/// Locks the workstation.
pub(crate) fn lock_workstation() -> io::Result<()> {
    let why = "this build cannot lock this desktop";
    Err(io::Error::new(io::ErrorKind::Unsupported, why))
}

/// How long this computer has slept since it was started.
pub(super) fn time_slept() -> Duration {
    let since_start = read(ClockId::Boottime);
    since_start.saturating_sub(read(ClockId::Monotonic))
}

fn read(clock: ClockId) -> Duration {
    let time = clock_gettime(clock);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let nanoseconds = u32::try_from(time.tv_nsec).unwrap_or(0);
    Duration::new(seconds, nanoseconds)
}
