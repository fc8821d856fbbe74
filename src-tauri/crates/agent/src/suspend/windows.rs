//! `GetTickCount64` counts sleep, `QueryUnbiasedInterruptTime` does not (Microsoft, "Interrupt
//! Time").

use std::time::Duration;

/// How long this computer has slept since it was started.
pub(super) fn time_slept() -> Duration {
    // Cannot fail: Windows has both clocks.
    cardea_win32::time_slept().unwrap_or_default()
}
