//! How a token is known to whoever checks it.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::digest::{SHA256, digest};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use subtle::ConstantTimeEq as _;

/// SHA-256 of a token. Not shown, so that nobody copies it about; compared in a time that says
/// nothing about where two differ.
#[derive(Clone, Copy)]
pub struct TokenHash([u8; 32]);

/// The text is no SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not 64 hexadecimal digits")]
pub struct InvalidTokenHash;

impl TokenHash {
    pub(crate) fn of(token: impl AsRef<[u8]>) -> Self {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, token.as_ref()).as_ref());
        Self(hash)
    }

    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn words(&self) -> [u64; 4] {
        let (words, _) = self.0.as_chunks::<8>();
        [words[0], words[1], words[2], words[3]].map(u64::from_ne_bytes)
    }
}

/// Compares whole words and only then asks whether any differed: every request does this once for
/// each program on the list.
impl PartialEq for TokenHash {
    fn eq(&self, other: &Self) -> bool {
        let pairs = self.words().into_iter().zip(other.words());
        let difference = pairs.fold(0, |difference, (one, other)| difference | (one ^ other));
        difference.ct_eq(&0).into()
    }
}

impl Eq for TokenHash {}

impl From<[u8; 32]> for TokenHash {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl FromStr for TokenHash {
    type Err = InvalidTokenHash;

    fn from_str(text: &str) -> Result<Self, InvalidTokenHash> {
        let digits: Option<Vec<_>> = text.chars().map(|c| c.to_digit(16)).collect();
        let (pairs, rest) = digits.as_deref().ok_or(InvalidTokenHash)?.as_chunks::<2>();
        let bytes = pairs
            .iter()
            .map(|[high, low]| u8::try_from(high * 16 + low));
        let bytes: Result<Vec<_>, _> = bytes.collect();
        match bytes.map(<[u8; 32]>::try_from) {
            Ok(Ok(bytes)) if rest.is_empty() => Ok(Self(bytes)),
            Ok(_) | Err(_) => Err(InvalidTokenHash),
        }
    }
}

impl Serialize for TokenHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let digits = self.0.iter().map(|byte| format!("{byte:02x}"));
        serializer.serialize_str(&digits.collect::<String>())
    }
}

impl<'de> Deserialize<'de> for TokenHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_that_differ_in_any_bit_are_not_the_same() {
        let hash: [u8; 32] = std::array::from_fn(|byte| byte as u8 * 7);
        let is_same = |other: [u8; 32]| TokenHash(hash) == TokenHash(other);
        assert!(is_same(hash));
        for bit in 0..256 {
            let mut other = hash;
            other[bit / 8] ^= 1 << (bit % 8);
            assert!(!is_same(other), "bit {bit}");
        }
    }

    #[test]
    fn a_hash_is_written_and_read_as_64_hexadecimal_digits() {
        let hash = TokenHash::of("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8");
        let text = serde_json::to_string(&hash).unwrap();
        assert_eq!(text.len(), 66);
        assert_eq!(serde_json::from_str::<TokenHash>(&text).unwrap(), hash);
        let digits = text.trim_matches('"');
        assert_eq!(digits.to_uppercase().parse(), Ok(hash));
        for bad in [
            "",
            &digits[1..],
            &format!("{digits}0"),
            &digits.replace(&digits[..1], "g"),
        ] {
            assert_eq!(bad.parse::<TokenHash>(), Err(InvalidTokenHash), "{bad}");
        }
        assert_eq!(format!("{hash:?}"), "TokenHash([redacted])");
    }
}
