//! The Distinguished Encoding Rules (X.690), as far as certificates need them.

pub(super) const INTEGER: u8 = 0x02;
pub(super) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;
/// `[0] EXPLICIT`: the version of a certificate.
const VERSION: u8 = 0xa0;

/// What is left to read.
pub(super) struct Der<'a>(pub(super) &'a [u8]);

impl<'a> Der<'a> {
    /// The content of the next element, which has this tag.
    pub(super) fn element(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (found, content) = self.next()?;
        (found == tag).then_some(content)
    }

    /// The tag and the content of the next element.
    pub(super) fn next(&mut self) -> Option<(u8, &'a [u8])> {
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
}

/// The parts of a certificate that are read here (RFC 5280, section 4.1.2).
pub(super) struct Parts<'a> {
    pub(super) issuer: Der<'a>,
    pub(super) validity: Der<'a>,
    pub(super) subject: Der<'a>,
}

impl<'a> Parts<'a> {
    /// None for what is no certificate.
    pub(super) fn of(certificate: &'a [u8]) -> Option<Self> {
        let mut certificate = Der(certificate);
        let mut certificate = Der(certificate.element(SEQUENCE)?);
        let mut signed = Der(certificate.element(SEQUENCE)?);
        // Left out by certificates of version 1.
        if signed.0.first() == Some(&VERSION) {
            signed.element(VERSION)?;
        }
        signed.element(INTEGER)?;
        let _algorithm = signed.element(SEQUENCE)?;
        let mut part = || signed.element(SEQUENCE).map(Der);
        Some(Self {
            issuer: part()?,
            validity: part()?,
            subject: part()?,
        })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::x509) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
        let mut bytes = vec![tag];
        match u8::try_from(content.len()) {
            Ok(length @ 0..=0x7f) => bytes.push(length),
            Ok(length) => bytes.extend([0x81, length]),
            Err(_) => {
                bytes.push(0x82);
                bytes.extend(u16::try_from(content.len()).unwrap().to_be_bytes());
            }
        }
        bytes.extend(content);
        bytes
    }

    pub(in crate::x509) fn version() -> Vec<u8> {
        element(VERSION, &element(INTEGER, &[2]))
    }

    /// A certificate of these parts, with nothing after them.
    pub(in crate::x509) fn certificate(
        version: &[u8],
        issuer: &[u8],
        validity: &[u8],
        subject: &[u8],
    ) -> Vec<u8> {
        let signed = [
            version.to_vec(),
            element(INTEGER, &[1]),
            element(SEQUENCE, b"algorithm"),
            element(SEQUENCE, issuer),
            element(SEQUENCE, validity),
            element(SEQUENCE, subject),
        ];
        element(SEQUENCE, &element(SEQUENCE, &signed.concat()))
    }
}
