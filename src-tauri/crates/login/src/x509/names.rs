//! Who issued a certificate, and for whom it is (RFC 5280, sections 4.1.2.4 and 4.1.2.6).

use cardea_session::is_shown;

use super::der::{Der, OBJECT_IDENTIFIER, Parts, SEQUENCE, SET};

/// `id-at-commonName`, `id-at-organizationName` and `id-at-organizationalUnitName` (RFC 5280,
/// appendix A.1), encoded.
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
const ORGANISATION: &[u8] = &[0x55, 0x04, 0x0a];
const UNIT: &[u8] = &[0x55, 0x04, 0x0b];

const UTF8_STRING: u8 = 0x0c;
const PRINTABLE_STRING: u8 = 0x13;
const TELETEX_STRING: u8 = 0x14;
const IA5_STRING: u8 = 0x16;
const BMP_STRING: u8 = 0x1e;

/// The standard's own bound for these parts, in characters.
const LENGTH: usize = 64;

/// Both names in a certificate, as it writes them: nothing says that they are true.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CertificateNames {
    /// For whom it is.
    pub subject: Name,
    /// Who issued it.
    pub issuer: Name,
}

/// The parts of a name that tell whose it is: without control characters, and cut to 64
/// characters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Name {
    /// `CN`.
    pub common_name: Option<String>,
    /// `O`.
    pub organisation: Option<String>,
    /// `OU`.
    pub unit: Option<String>,
}

impl CertificateNames {
    /// None for what is no certificate.
    pub(crate) fn of(certificate: &[u8]) -> Option<Self> {
        let parts = Parts::of(certificate)?;
        Some(Self {
            subject: Name::read(parts.subject)?,
            issuer: Name::read(parts.issuer)?,
        })
    }
}

impl Name {
    /// The parts that are there, the common name first.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        let parts = [&self.common_name, &self.organisation, &self.unit];
        parts.into_iter().flatten().map(String::as_str)
    }

    fn read(mut sets: Der<'_>) -> Option<Self> {
        let mut name = Self::default();
        while !sets.0.is_empty() {
            let mut set = Der(sets.element(SET)?);
            while !set.0.is_empty() {
                let mut pair = Der(set.element(SEQUENCE)?);
                let kind = pair.element(OBJECT_IDENTIFIER)?;
                let (tag, value) = pair.next()?;
                let part = match kind {
                    COMMON_NAME => &mut name.common_name,
                    ORGANISATION => &mut name.organisation,
                    UNIT => &mut name.unit,
                    _ => continue,
                };
                if part.is_none() {
                    *part = text(tag, value);
                }
            }
        }
        Some(name)
    }
}

fn text(tag: u8, value: &[u8]) -> Option<String> {
    let text = match tag {
        UTF8_STRING | PRINTABLE_STRING | IA5_STRING => String::from_utf8_lossy(value).into_owned(),
        // In practice Latin-1.
        TELETEX_STRING => value.iter().copied().map(char::from).collect(),
        BMP_STRING => {
            let (units, _) = value.as_chunks::<2>();
            let units = units.iter().map(|unit| u16::from_be_bytes(*unit));
            char::decode_utf16(units)
                .map(|read| read.unwrap_or(char::REPLACEMENT_CHARACTER))
                .collect()
        }
        _ => return None,
    };
    let is_kept = |c: &char| is_shown(*c) || *c == char::REPLACEMENT_CHARACTER;
    let shown = text.chars().filter(is_kept).take(LENGTH);
    Some(shown.collect()).filter(|text: &String| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::x509::der::tests::{certificate, element, version};

    fn part(kind: &[u8], tag: u8, value: &[u8]) -> Vec<u8> {
        let pair = [element(OBJECT_IDENTIFIER, kind), element(tag, value)].concat();
        element(SET, &element(SEQUENCE, &pair))
    }

    fn issuer(parts: &[Vec<u8>]) -> Option<Name> {
        let subject = part(COMMON_NAME, UTF8_STRING, b"cis2.example");
        let bytes = certificate(&version(), &parts.concat(), b"", &subject);
        let names = CertificateNames::of(&bytes)?;
        assert_eq!(names.subject.common_name.as_deref(), Some("cis2.example"));
        Some(names.issuer)
    }

    #[test]
    fn the_parts_of_a_name_are_told_apart() {
        const COUNTRY: &[u8] = &[0x55, 0x04, 0x06];
        let name = issuer(&[
            part(COUNTRY, PRINTABLE_STRING, b"GB"),
            part(ORGANISATION, PRINTABLE_STRING, b"Example Ltd"),
            part(UNIT, IA5_STRING, b"Certificate Authority"),
            part(COMMON_NAME, UTF8_STRING, "Beispiel \u{e4}".as_bytes()),
            part(COMMON_NAME, UTF8_STRING, b"another"),
        ]);
        let parts: Vec<_> = name.as_ref().unwrap().parts().collect();
        assert_eq!(
            parts,
            ["Beispiel \u{e4}", "Example Ltd", "Certificate Authority"]
        );
    }

    #[test]
    fn texts_are_read_as_certificates_write_them() {
        for (tag, bytes, read) in [
            (UTF8_STRING, "\u{e9}".as_bytes(), Some("\u{e9}")),
            (TELETEX_STRING, &[0xe9], Some("\u{e9}")),
            (BMP_STRING, &[0, b'R', 0x20, 0xac], Some("R\u{20ac}")),
            (BMP_STRING, &[0xd8, 0], Some("\u{fffd}")),
            (SEQUENCE, b"x", None),
            (UTF8_STRING, b"", None),
        ] {
            let name = issuer(&[part(COMMON_NAME, tag, bytes)]).unwrap();
            assert_eq!(name.common_name.as_deref(), read, "{tag:x} {bytes:?}");
        }
    }

    #[test]
    fn a_name_cannot_disturb_what_it_is_shown_in() {
        let odd = "a\u{1b}[2J\r\nb\u{202e}c\u{200b}\u{61c}\u{2061}".as_bytes();
        let name = issuer(&[part(COMMON_NAME, UTF8_STRING, odd)]).unwrap();
        assert_eq!(name.common_name.as_deref(), Some("a[2Jbc"));
        let long = "\u{e9}".repeat(200);
        let name = issuer(&[part(COMMON_NAME, UTF8_STRING, long.as_bytes())]).unwrap();
        assert_eq!(name.common_name.unwrap().chars().count(), LENGTH);
    }

    #[test]
    fn what_is_no_name_is_no_name() {
        assert_eq!(issuer(&[]), Some(Name::default()));
        assert_eq!(issuer(&[b"\x31\x05\x30".to_vec()]), None);
        assert_eq!(issuer(&[element(SEQUENCE, b"")]), None);
        let no_pair = element(SET, &element(SEQUENCE, &element(UTF8_STRING, b"x")));
        assert_eq!(issuer(&[no_pair]), None);
    }

    proptest! {
        #[test]
        fn whatever_the_bytes_are_they_are_read_to_an_end(
            bytes in prop::collection::vec(any::<u8>(), 0..64),
            cut in 0..80_usize,
        ) {
            let _ = Name::read(Der(&bytes));
            let name = part(COMMON_NAME, UTF8_STRING, b"name");
            let mut certificate = certificate(&version(), &name, b"", &name);
            let whole = certificate.len();
            certificate.truncate(cut);
            let read = CertificateNames::of(&certificate);
            prop_assert_eq!(read.is_some(), cut >= whole);
        }
    }
}
