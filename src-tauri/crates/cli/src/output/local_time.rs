//! Times as a person at this computer reads them.

use cardea_client::session::Time;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// This computer's time zone, and what the time is.
pub(crate) struct LocalTime {
    now: Timestamp,
    zone: TimeZone,
}

impl LocalTime {
    /// The time of now.
    pub(crate) fn now() -> Self {
        Self {
            now: Timestamp::now(),
            zone: TimeZone::system(),
        }
    }

    /// What the time is.
    pub(crate) fn time(&self) -> Time {
        self.now.into()
    }

    /// The time of day, and the date when it is not today's: `09:00:12`, `Mon 5 Jan 09:00:12`.
    pub(crate) fn show(&self, time: Time) -> String {
        let local = self.local(time);
        let today = self.zone.to_datetime(self.now).date();
        let format = match local.date() == today {
            true => "%H:%M:%S",
            false => "%a %-d %b %H:%M:%S",
        };
        local.strftime(format).to_string()
    }

    /// The time of day with milliseconds.
    pub(crate) fn show_exactly(&self, time: Time) -> String {
        self.local(time).strftime("%H:%M:%S%.3f").to_string()
    }

    fn local(&self, time: Time) -> DateTime {
        // Every time of the agent is one that jiff can hold.
        let timestamp = Timestamp::from_millisecond(time.unix_millis()).unwrap_or_default();
        self.zone.to_datetime(timestamp)
    }
}

#[cfg(test)]
impl LocalTime {
    /// 5 January 2026, 10:00 in a time zone an hour ahead of UTC.
    pub(crate) fn for_tests() -> Self {
        Self {
            now: "2026-01-05T09:00:00Z".parse().unwrap(),
            zone: TimeZone::fixed(jiff::tz::offset(1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_local_and_have_a_date_when_it_is_another_day() {
        let local = LocalTime::for_tests();
        let today = Time::parse("2026-01-05T09:15:30.120Z").unwrap();
        let yesterday = Time::parse("2026-01-04T22:59:59Z").unwrap();
        assert_eq!(local.show(today), "10:15:30");
        assert_eq!(local.show(yesterday), "Sun 4 Jan 23:59:59");
        assert_eq!(local.show_exactly(today), "10:15:30.120");
    }
}
