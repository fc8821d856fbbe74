//! Notices that the computer slept, wherever nobody says so.

use std::time::Duration;

use super::imp;

/// Clocks are read one after the other, so a difference this small means nothing.
const TOLERANCE: Duration = Duration::from_secs(1);

/// Compares a clock that counts sleep with one that does not.
#[derive(Debug)]
pub(crate) struct SleepWatch {
    time_slept: fn() -> Duration,
    slept: Duration,
}

/// Whether the computer slept since the last look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sleep {
    Slept,
    StayedAwake,
}

impl SleepWatch {
    pub(crate) fn start() -> Self {
        Self::by(imp::time_slept)
    }

    pub(crate) fn by(time_slept: fn() -> Duration) -> Self {
        Self {
            time_slept,
            slept: time_slept(),
        }
    }

    pub(crate) fn look(&mut self) -> Sleep {
        self.compare((self.time_slept)())
    }

    fn compare(&mut self, slept: Duration) -> Sleep {
        let more = slept.saturating_sub(self.slept);
        if more < TOLERANCE {
            return Sleep::StayedAwake;
        }
        self.slept = slept;
        Sleep::Slept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sleep_is_seen_once() {
        let mut watch = SleepWatch::by(|| Duration::from_secs(5));
        assert_eq!(
            watch.compare(Duration::from_millis(5_010)),
            Sleep::StayedAwake
        );
        assert_eq!(watch.compare(Duration::from_secs(65)), Sleep::Slept);
        assert_eq!(watch.compare(Duration::from_secs(65)), Sleep::StayedAwake);
    }

    #[test]
    fn the_clocks_of_this_computer_can_be_compared() {
        assert_eq!(SleepWatch::start().look(), Sleep::StayedAwake);
    }
}
