//! From when until when a certificate is good (RFC 5280, section 4.1.2.5).

use jiff::civil;
use jiff::tz::TimeZone;

use super::der::{Der, Parts};

const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// In seconds since 1970, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Validity {
    pub(crate) not_before: i64,
    pub(crate) not_after: i64,
}

impl Validity {
    /// None for what is no certificate.
    pub(crate) fn of(certificate: &[u8]) -> Option<Self> {
        let mut validity = Parts::of(certificate)?.validity;
        Some(Self {
            not_before: validity.time()?,
            not_after: validity.time()?,
        })
    }
}

impl Der<'_> {
    fn time(&mut self) -> Option<i64> {
        let (tag, text) = self.next()?;
        let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let (year, rest) = match tag {
            UTC_TIME => {
                let (year, rest) = text.split_at_checked(2)?;
                let year: i16 = year.parse().ok()?;
                (if year < 50 { 2000 + year } else { 1900 + year }, rest)
            }
            GENERALIZED_TIME => {
                let (year, rest) = text.split_at_checked(4)?;
                (year.parse().ok()?, rest)
            }
            _ => return None,
        };
        if rest.len() != 10 {
            return None;
        }
        let two = |at: usize| rest.get(at..at + 2)?.parse::<i8>().ok();
        let time = civil::DateTime::new(year, two(0)?, two(2)?, two(4)?, two(6)?, two(8)?, 0);
        Some(TimeZone::UTC.to_timestamp(time.ok()?).ok()?.as_second())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::x509::der::INTEGER;
    use crate::x509::der::tests::{self, element};

    fn certificate(version: &[u8], times: &[(u8, &str)]) -> Vec<u8> {
        let times: Vec<u8> = times
            .iter()
            .flat_map(|(tag, text)| element(*tag, text.as_bytes()))
            .collect();
        tests::certificate(version, b"issuer", &times, b"subject")
    }

    #[test]
    fn both_ways_to_write_a_time_are_read() {
        let version = tests::version();
        let bytes = certificate(
            &version,
            &[
                (UTC_TIME, "260131235959Z"),
                (GENERALIZED_TIME, "20500101000000Z"),
            ],
        );
        let expected = Validity {
            not_before: 1_769_903_999,
            not_after: 2_524_608_000,
        };
        assert_eq!(Validity::of(&bytes), Some(expected));
        let bytes = certificate(
            &[],
            &[(UTC_TIME, "500101000000Z"), (UTC_TIME, "491231235959Z")],
        );
        let expected = Validity {
            not_before: -631_152_000,
            not_after: 2_524_607_999,
        };
        assert_eq!(Validity::of(&bytes), Some(expected));
    }

    #[test]
    fn what_is_no_time_is_no_validity() {
        let good = (UTC_TIME, "260131235959Z");
        for wrong in [
            (UTC_TIME, "260131235959"),
            (UTC_TIME, "2601312359Z"),
            (UTC_TIME, "260231235959Z"),
            (UTC_TIME, "26013123595+Z"),
            (UTC_TIME, "20260131235959Z"),
            (GENERALIZED_TIME, "260131235959Z"),
            (INTEGER, "260131235959Z"),
        ] {
            assert_eq!(Validity::of(&certificate(&[], &[wrong, good])), None);
            assert_eq!(Validity::of(&certificate(&[], &[good, wrong])), None);
        }
        assert_eq!(Validity::of(&certificate(&[], &[good])), None);
    }

    proptest! {
        #[test]
        fn whatever_the_bytes_are_they_are_read_to_an_end(
            bytes in prop::collection::vec(any::<u8>(), 0..64),
            cut in 0..64_usize,
        ) {
            let _ = Validity::of(&bytes);
            let good = (UTC_TIME, "260131235959Z");
            let mut certificate = certificate(&[], &[good, good]);
            certificate.truncate(cut);
            prop_assert_eq!(Validity::of(&certificate), None);
        }
    }
}
