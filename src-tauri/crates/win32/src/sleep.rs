//! How long the computer slept.

use std::io;
use std::time::Duration;

use windows_sys::Win32::System::SystemInformation::GetTickCount64;
use windows_sys::Win32::System::WindowsProgramming::QueryUnbiasedInterruptTime;

use crate::handle::succeeded;

/// How long this computer has slept since it was started, to within some hundredths of a second:
/// one of its clocks counts sleep and hibernation, another does not.
///
/// # Errors
/// What Windows says.
pub fn time_slept() -> io::Result<Duration> {
    let mut awake = 0;
    // SAFETY: a place for the answer.
    succeeded(unsafe { QueryUnbiasedInterruptTime(&raw mut awake) })?;
    // SAFETY: takes nothing.
    let since_start = Duration::from_millis(unsafe { GetTickCount64() });
    let awake = Duration::from_micros(awake / 10);
    Ok(since_start.saturating_sub(awake))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_sleeps_between_two_looks() {
        let before = time_slept().unwrap();
        assert!(time_slept().unwrap().abs_diff(before) < Duration::from_secs(1));
    }
}
