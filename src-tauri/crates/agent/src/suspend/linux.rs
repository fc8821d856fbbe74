//! `CLOCK_BOOTTIME` counts sleep, `CLOCK_MONOTONIC` does not (clock_gettime(2)).

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

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
