//! From when until when a certificate is good (RFC 5280, section 4.1.2.5): the one thing that has
//! to be read of it here, so that one that has run out is named before a server refuses it.

use jiff::civil;
use jiff::tz::TimeZone;

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
/// `[0] EXPLICIT`: the version.
const VERSION: u8 = 0xa0;

/// In seconds since 1970, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Validity {
    pub(crate) not_before: i64,
    pub(crate) not_after: i64,
}

impl Validity {
    /// None for what is no certificate.
    pub(crate) fn of(certificate: &[u8]) -> Option<Self> {
        let mut certificate = Der(certificate);
        let mut certificate = Der(certificate.element(SEQUENCE)?);
        let mut signed = Der(certificate.element(SEQUENCE)?);
        // Left out by certificates of version 1.
        if signed.0.first() == Some(&VERSION) {
            signed.element(VERSION)?;
        }
        signed.element(INTEGER)?;
        let _algorithm = signed.element(SEQUENCE)?;
        let _issuer = signed.element(SEQUENCE)?;
        let mut validity = Der(signed.element(SEQUENCE)?);
        Some(Self {
            not_before: validity.time()?,
            not_after: validity.time()?,
        })
    }
}

/// What is left to read, in the Distinguished Encoding Rules (X.690).
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    /// The content of the next element, which has this tag.
    fn element(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (found, content) = self.next()?;
        (found == tag).then_some(content)
    }

    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, mut rest) = rest.split_first()?;
        let length = match first {
            0..=0x7f => usize::from(first),
            // More than two bytes of length are more than is read of a file.
            0x81 | 0x82 => {
                let (bytes, after) = rest.split_at_checked(usize::from(first & 0x7f))?;
                rest = after;
                bytes
                    .iter()
                    .fold(0, |length, &byte| length << 8 | usize::from(byte))
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((tag, content))
    }

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

    fn element(tag: u8, content: &[u8]) -> Vec<u8> {
        let mut bytes = vec![tag];
        match u8::try_from(content.len()) {
            Ok(length @ 0..=0x7f) => bytes.push(length),
            Ok(length) => bytes.extend([0x81, length]),
            Err(_) => panic!("too long for this test"),
        }
        bytes.extend(content);
        bytes
    }

    fn certificate(version: &[u8], times: &[(u8, &str)]) -> Vec<u8> {
        let times: Vec<u8> = times
            .iter()
            .flat_map(|(tag, text)| element(*tag, text.as_bytes()))
            .collect();
        let signed = [
            version.to_vec(),
            element(INTEGER, &[1]),
            element(SEQUENCE, b"algorithm"),
            element(SEQUENCE, b"issuer"),
            element(SEQUENCE, &times),
            element(SEQUENCE, b"subject, and the rest"),
        ];
        element(SEQUENCE, &element(SEQUENCE, &signed.concat()))
    }

    #[test]
    fn both_ways_to_write_a_time_are_read() {
        let version = element(VERSION, &element(INTEGER, &[2]));
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
