//! Text and bytes that must not be shown, compared or left behind in memory.

use std::fmt;

use aws_lc_rs::rand;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

/// A secret text: redacted when shown, wiped when dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

/// The operating system gave no random numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gave no random numbers")]
pub struct NoRandomness;

impl Secret {
    /// Takes the text over.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// A text that nobody can guess: 256 bits as 43 characters of base64url.
    pub(crate) fn random() -> Result<Self, NoRandomness> {
        let mut bytes = Zeroizing::new([0_u8; 32]);
        rand::fill(bytes.as_mut_slice()).map_err(|_| NoRandomness)?;
        Ok(Self::new(URL_SAFE_NO_PAD.encode(bytes.as_slice())))
    }

    /// Whether `text` is this secret, in a time that does not depend on where they differ.
    pub(crate) fn is(&self, text: &str) -> bool {
        aws_lc_rs::constant_time::verify_slices_are_equal(self.0.as_bytes(), text.as_bytes())
            .is_ok()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret([redacted])")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

/// Secret bytes: redacted when shown, wiped when dropped.
#[derive(Clone)]
pub struct SecretBytes(Zeroizing<Vec<u8>>);

impl SecretBytes {
    /// Takes the bytes over.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes themselves.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretBytes([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_shown() {
        let text = Secret::new("hunter2".to_owned());
        let bytes = SecretBytes::new(b"hunter2".to_vec());
        assert_eq!(
            format!("{text:?} {bytes:?}"),
            "Secret([redacted]) SecretBytes([redacted])"
        );
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn secrets_are_wiped_when_they_are_dropped() {
        use crate::testing::memory::{ALIKE, Place, token};

        let secret = Secret::new(token());
        let place = Place::of(secret.expose().as_bytes());
        assert_eq!(place.left(), secret.expose().len());
        drop(secret);
        assert!(place.left() < ALIKE, "{} bytes are left", place.left());

        let secret = SecretBytes::new(token().into_bytes());
        let place = Place::of(secret.expose());
        drop(secret);
        assert!(place.left() < ALIKE, "{} bytes are left", place.left());
    }

    #[test]
    fn random_secrets_have_256_bits_and_differ() {
        let one = Secret::random().unwrap();
        assert_eq!(one.expose().len(), 43);
        assert!(!one.is(Secret::random().unwrap().expose()));
        assert!(one.is(one.clone().expose()));
    }
}
