//! Time as the machine is told it; this crate never reads a clock.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A moment of wall-clock time, written as RFC 3339 UTC with milliseconds.
#[cfg_attr(
    feature = "schema",
    derive(utoipa::ToSchema),
    schema(value_type = String, format = DateTime)
)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(jiff::Timestamp);

/// The text or number is not a moment that [`Time`] can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an RFC 3339 time")]
pub struct InvalidTime;

impl Time {
    /// The moment `seconds` after 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// [`InvalidTime`] when outside the years that RFC 3339 can write.
    pub fn from_unix(seconds: i64) -> Result<Self, InvalidTime> {
        jiff::Timestamp::from_second(seconds)
            .map(Self)
            .map_err(|_| InvalidTime)
    }

    /// Reads RFC 3339.
    ///
    /// # Errors
    /// [`InvalidTime`] when it is anything else.
    pub fn parse(text: &str) -> Result<Self, InvalidTime> {
        text.parse().map(Self).map_err(|_| InvalidTime)
    }

    /// Whole seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn unix(self) -> i64 {
        self.0.as_second()
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn unix_millis(self) -> i64 {
        self.0.as_millisecond()
    }

    /// This moment and `duration` more; the latest possible moment when that is too far.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(
            self.0
                .saturating_add(duration)
                .unwrap_or(jiff::Timestamp::MAX),
        )
    }

    /// This moment less `duration`; the earliest possible moment when that is too far.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        Self(
            self.0
                .saturating_sub(duration)
                .unwrap_or(jiff::Timestamp::MIN),
        )
    }

    /// How long after `earlier` this is; zero when it is not after it.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::try_from(self.0.duration_since(earlier.0)).unwrap_or(Duration::ZERO)
    }
}

impl From<jiff::Timestamp> for Time {
    fn from(timestamp: jiff::Timestamp) -> Self {
        Self(timestamp)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.0)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// The time of an input on both clocks. The wall clock counts sleep and can be set; the monotonic
/// clock cannot be set and may stand still during sleep. A limit has passed when either says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// Wall-clock time.
    pub wall: Time,
    /// Monotonic time since some fixed moment of this run.
    pub monotonic: Duration,
}

/// A moment in the future on both clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Deadline {
    pub(crate) wall: Time,
    pub(crate) monotonic: Duration,
}

impl Deadline {
    pub(crate) fn after(now: Now, limit: Duration) -> Self {
        Self {
            wall: now.wall.plus(limit),
            monotonic: now.monotonic.saturating_add(limit),
        }
    }

    /// The deadline for a moment known by the wall clock only.
    pub(crate) fn at(now: Now, wall: Time) -> Self {
        Self {
            wall,
            monotonic: now.monotonic.saturating_add(wall.since(now.wall)),
        }
    }

    pub(crate) fn earlier(self, lead: Duration) -> Self {
        Self {
            wall: self.wall.minus(lead),
            monotonic: self.monotonic.saturating_sub(lead),
        }
    }

    pub(crate) fn has_passed(self, now: Now) -> bool {
        now.wall >= self.wall || now.monotonic >= self.monotonic
    }

    /// How long until it passes on whichever clock comes first.
    pub(crate) fn remaining(self, now: Now) -> Duration {
        let monotonic = self.monotonic.saturating_sub(now.monotonic);
        self.wall.since(now.wall).min(monotonic)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_rfc_3339_utc_with_milliseconds() {
        let time = Time::parse("2026-01-05T09:00:00.123456Z").unwrap();
        assert_eq!(time.to_string(), "2026-01-05T09:00:00.123Z");
        assert_eq!(
            Time::from_unix(0).unwrap().to_string(),
            "1970-01-01T00:00:00.000Z"
        );
        assert_eq!(
            serde_json::from_str::<Time>("\"2026-01-05T10:00:00+01:00\"").unwrap(),
            Time::parse("2026-01-05T09:00:00Z").unwrap()
        );
        assert!(serde_json::from_str::<Time>("\"yesterday\"").is_err());
    }

    #[test]
    fn a_deadline_passes_on_whichever_clock_gets_there_first() {
        let start = Now {
            wall: Time::from_unix(1_000).unwrap(),
            monotonic: Duration::ZERO,
        };
        let deadline = Deadline::after(start, Duration::from_secs(60));
        let slept = Now {
            wall: Time::from_unix(1_060).unwrap(),
            ..start
        };
        let set_back = Now {
            wall: Time::from_unix(10).unwrap(),
            monotonic: Duration::from_secs(60),
        };
        assert!(!deadline.has_passed(start));
        assert!(deadline.has_passed(slept));
        assert!(deadline.has_passed(set_back));
        assert_eq!(deadline.remaining(start), Duration::from_secs(60));
    }
}
