//! Durations as settings write them: a whole number and a unit.

use std::time::Duration;

/// Longest first, so that [`show`] finds the one that fits best.
const UNITS: [(&str, u64); 4] = [("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// Reads `500ms`, `30s`, `5m`, `12h`.
pub(super) fn parse(text: &str) -> Option<Duration> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let (_, millis) = UNITS.into_iter().find(|&(name, _)| name == unit)?;
    let number: u64 = number.parse().ok()?;
    Some(Duration::from_millis(number.checked_mul(millis)?))
}

/// Writes what [`parse`] reads, in the largest unit that needs no fraction.
pub(super) fn show(duration: Duration) -> String {
    let millis = duration.as_millis();
    let (unit, size) = UNITS
        .into_iter()
        .find(|&(_, size)| millis > 0 && millis.is_multiple_of(u128::from(size)))
        .unwrap_or(("s", 1_000));
    format!("{}{unit}", millis / u128::from(size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_a_whole_number_and_a_unit() {
        for (text, millis) in [
            ("500ms", 500),
            ("0s", 0),
            ("30s", 30_000),
            ("5m", 300_000),
            ("12h", 43_200_000),
        ] {
            let duration = parse(text).unwrap();
            assert_eq!(duration, Duration::from_millis(millis), "{text}");
            assert_eq!(show(duration), text);
        }
        assert_eq!(show(Duration::from_secs(90)), "90s");
    }

    #[test]
    fn anything_else_is_none() {
        for text in [
            "",
            "5",
            "m",
            "5 m",
            "-5m",
            "+5m",
            "1.5h",
            "5M",
            "5min",
            "1h30m",
            "٣s",
            "18446744073709551615h",
            "99999999999999999999s",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
