//! The public half of a key: its name, and how the provider gets to know it.

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::KeyKind;
use crate::AssertionAlg;

/// The public half of a key. Numbers are without leading zeros, the highest byte first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicKey {
    /// An RSA key.
    Rsa {
        /// `n`.
        modulus: Vec<u8>,
        /// `e`.
        exponent: Vec<u8>,
    },
    /// A point on P-256, each coordinate in 32 bytes.
    P256 {
        /// The first coordinate.
        x: [u8; 32],
        /// The second coordinate.
        y: [u8; 32],
    },
}

impl PublicKey {
    /// From both coordinates, one after the other.
    pub(crate) fn p256(coordinates: &[u8]) -> Option<Self> {
        let (x, y) = coordinates.split_at_checked(32)?;
        Some(Self::P256 {
            x: x.try_into().ok()?,
            y: y.try_into().ok()?,
        })
    }

    /// The RFC 7638 thumbprint: SHA-256 over the members that make the key, in order.
    #[must_use]
    pub fn kid(&self) -> String {
        let members = match self {
            Self::Rsa { modulus, exponent } => {
                let (n, e) = (encode(modulus), encode(exponent));
                format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#)
            }
            Self::P256 { x, y } => {
                let (x, y) = (encode(x), encode(y));
                format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#)
            }
        };
        encode(digest::digest(&digest::SHA256, members.as_bytes()).as_ref())
    }

    /// As the provider wants it (RFC 7517); `alg` is left out when the key does not fit it.
    #[must_use]
    pub fn jwk(&self, alg: AssertionAlg) -> Value {
        let mut jwk = self.bare_jwk();
        jwk["use"] = "sig".into();
        jwk["kid"] = self.kid().into();
        if self.fits(alg) {
            jwk["alg"] = alg.as_str().into();
        }
        jwk
    }

    /// The members that make the key, and no others.
    pub(crate) fn bare_jwk(&self) -> Value {
        match self {
            Self::Rsa { modulus, exponent } => {
                json!({"kty": "RSA", "n": encode(modulus), "e": encode(exponent)})
            }
            Self::P256 { x, y } => {
                json!({"kty": "EC", "crv": "P-256", "x": encode(x), "y": encode(y)})
            }
        }
    }

    /// What kind of key; none for a size that we do not make.
    pub(crate) fn kind(&self) -> Option<KeyKind> {
        match self {
            Self::Rsa { modulus, .. } => match modulus.len() {
                256 => Some(KeyKind::Rsa2048),
                512 => Some(KeyKind::Rsa4096),
                _ => None,
            },
            Self::P256 { .. } => Some(KeyKind::P256),
        }
    }

    pub(crate) fn fits(&self, alg: AssertionAlg) -> bool {
        self.kind().is_some_and(|kind| kind.fits(alg))
    }
}

fn encode(number: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(number)
}
