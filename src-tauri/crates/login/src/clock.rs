//! Wall-clock time, behind a seam so that tests of time are exact.

use std::fmt;

use cardea_session::Time;

/// Tells the time of day.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Time;
}

/// The computer's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Time {
        jiff::Timestamp::now().into()
    }
}

/// How far this computer's clock is from the provider's, or the broker's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ClockDifference {
    seconds: i64,
    whose: &'static str,
}

impl ClockDifference {
    /// By how many seconds ours is ahead; less than none when it is behind.
    #[must_use]
    pub fn seconds(self) -> i64 {
        self.seconds
    }

    pub(crate) fn between(ours: Time, theirs: Time) -> Self {
        Self {
            seconds: ours.unix().saturating_sub(theirs.unix()),
            whose: "provider",
        }
    }

    /// The same, where the other clock is the broker's.
    pub(crate) fn to_broker(ours: Time, theirs: Time) -> Self {
        Self {
            whose: "broker",
            ..Self::between(ours, theirs)
        }
    }
}

impl fmt::Display for ClockDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let apart = self.seconds.unsigned_abs();
        let (hours, minutes, seconds) = (apart / 3600, apart / 60 % 60, apart % 60);
        f.write_str("the clock of this computer is ")?;
        match (hours, minutes) {
            (0, 0) => write!(f, "{seconds} s")?,
            (0, _) => write!(f, "{minutes} min {seconds} s")?,
            _ => write!(f, "{hours} h {minutes} min")?,
        }
        let side = if self.seconds < 0 {
            "behind"
        } else {
            "ahead of"
        };
        write!(f, " {side} the {}'s", self.whose)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_far_the_clocks_are_apart_is_told_in_words() {
        let theirs = Time::from_unix(1_760_000_000).unwrap();
        for (seconds, told) in [
            (-75, "1 min 15 s behind"),
            (61, "1 min 1 s ahead of"),
            (-7_380, "2 h 3 min behind"),
            (59, "59 s ahead of"),
        ] {
            let ours = Time::from_unix(1_760_000_000 + seconds).unwrap();
            let difference = ClockDifference::between(ours, theirs).to_string();
            let expected = format!("the clock of this computer is {told} the provider's");
            assert_eq!(difference, expected);
        }
    }
}
