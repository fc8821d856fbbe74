//! Private keys: made, read, named by their thumbprint, used to sign.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384,
    RSA_PKCS1_SHA512, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair,
};
use aws_lc_rs::{digest, error::Unspecified};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::KeystoreError;
use crate::{AssertionAlg, SecretBytes};

/// What kind of key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyKind {
    /// RSA, 2048 bits.
    Rsa2048,
    /// RSA, 4096 bits.
    #[default]
    Rsa4096,
    /// ECDSA on P-256.
    P256,
}

impl KeyKind {
    /// The name in listings.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rsa2048 => "rsa2048",
            Self::Rsa4096 => "rsa4096",
            Self::P256 => "p256",
        }
    }

    /// The kind that [`KeyKind::as_str`] names.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Rsa2048, Self::Rsa4096, Self::P256]
            .into_iter()
            .find(|kind| kind.as_str() == name)
    }

    /// Whether such a key makes signatures of this algorithm.
    #[must_use]
    pub fn fits(self, alg: AssertionAlg) -> bool {
        (self == Self::P256) == (alg == AssertionAlg::Es256)
    }
}

/// A key that signs. The cryptographic library wipes it when dropped.
pub(crate) enum PrivateKey {
    Rsa(RsaKeyPair),
    P256(EcdsaKeyPair),
}

impl PrivateKey {
    /// Makes a key, as PKCS#8 DER. An RSA key takes seconds.
    pub(crate) fn generate(kind: KeyKind) -> Result<SecretBytes, KeystoreError> {
        let pkcs8 = match kind {
            KeyKind::Rsa2048 => generate_rsa(KeySize::Rsa2048),
            KeyKind::Rsa4096 => generate_rsa(KeySize::Rsa4096),
            KeyKind::P256 => EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
                .and_then(|key| key.to_pkcs8v1())
                .map(|pkcs8| SecretBytes::new(pkcs8.as_ref().to_vec())),
        };
        pkcs8.map_err(|Unspecified| KeystoreError::Generation)
    }

    pub(crate) fn from_pkcs8(kind: KeyKind, pkcs8: &SecretBytes) -> Result<Self, KeystoreError> {
        let pkcs8 = pkcs8.expose();
        let key = match kind {
            KeyKind::Rsa2048 | KeyKind::Rsa4096 => RsaKeyPair::from_pkcs8(pkcs8).map(Self::Rsa),
            KeyKind::P256 => {
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8).map(Self::P256)
            }
        };
        key.map_err(|_| KeystoreError::Damaged)
    }

    /// The RFC 7638 thumbprint: SHA-256 over the members that make the key, in order.
    pub(crate) fn kid(&self) -> String {
        let members = match self {
            Self::Rsa(key) => {
                let (n, e) = rsa_members(key);
                format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#)
            }
            Self::P256(key) => {
                let (x, y) = p256_members(key);
                format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#)
            }
        };
        URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, members.as_bytes()))
    }

    /// The public half as the provider wants it; `alg` is left out when the key does not fit it.
    pub(crate) fn public_jwk(&self, alg: AssertionAlg) -> Value {
        let mut jwk = match self {
            Self::Rsa(key) => {
                let (n, e) = rsa_members(key);
                json!({"kty": "RSA", "n": n, "e": e})
            }
            Self::P256(key) => {
                let (x, y) = p256_members(key);
                json!({"kty": "EC", "crv": "P-256", "x": x, "y": y})
            }
        };
        jwk["use"] = "sig".into();
        jwk["kid"] = self.kid().into();
        if self.scheme(alg).is_some() {
            jwk["alg"] = alg.as_str().into();
        }
        jwk
    }

    /// The signature as a JWS holds it (RFC 7518, section 3).
    pub(crate) fn sign(&self, alg: AssertionAlg, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let random = SystemRandom::new();
        let scheme = self.scheme(alg).ok_or(SignError::OtherKind)?;
        let signature = match (self, scheme) {
            (Self::Rsa(key), Scheme::Rsa(encoding)) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(encoding, &random, message, &mut signature)
                    .map(|()| signature)
            }
            (Self::P256(key), Scheme::Ecdsa) => {
                let signature = key.sign(&random, message);
                signature.map(|signature| signature.as_ref().to_vec())
            }
            (Self::Rsa(_), Scheme::Ecdsa) | (Self::P256(_), Scheme::Rsa(_)) => Err(Unspecified),
        };
        signature.map_err(|Unspecified| SignError::Failed)
    }

    fn scheme(&self, alg: AssertionAlg) -> Option<Scheme> {
        match (self, alg) {
            (Self::Rsa(_), AssertionAlg::Rs256) => Some(Scheme::Rsa(&RSA_PKCS1_SHA256)),
            (Self::Rsa(_), AssertionAlg::Rs384) => Some(Scheme::Rsa(&RSA_PKCS1_SHA384)),
            (Self::Rsa(_), AssertionAlg::Rs512) => Some(Scheme::Rsa(&RSA_PKCS1_SHA512)),
            (Self::Rsa(_), AssertionAlg::Ps256) => Some(Scheme::Rsa(&RSA_PSS_SHA256)),
            (Self::P256(_), AssertionAlg::Es256) => Some(Scheme::Ecdsa),
            (Self::Rsa(_), AssertionAlg::Es256)
            | (
                Self::P256(_),
                AssertionAlg::Rs256
                | AssertionAlg::Rs384
                | AssertionAlg::Rs512
                | AssertionAlg::Ps256,
            ) => None,
        }
    }
}

enum Scheme {
    Rsa(&'static dyn RsaEncoding),
    Ecdsa,
}

/// Why nothing was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SignError {
    #[error("the key is of another kind than the algorithm")]
    OtherKind,
    #[error("signing failed")]
    Failed,
}

fn generate_rsa(size: KeySize) -> Result<SecretBytes, Unspecified> {
    let key = RsaKeyPair::generate(size)?;
    let pkcs8 = key.as_der()?;
    Ok(SecretBytes::new(pkcs8.as_ref().to_vec()))
}

fn rsa_members(key: &RsaKeyPair) -> (String, String) {
    let key = key.public_key();
    let encode = |number: &[u8]| URL_SAFE_NO_PAD.encode(number);
    (
        encode(key.modulus().big_endian_without_leading_zero()),
        encode(key.exponent().big_endian_without_leading_zero()),
    )
}

/// The point is an uncompressed one: 04, x, y.
fn p256_members(key: &EcdsaKeyPair) -> (String, String) {
    let point = key.public_key().as_ref();
    let coordinates = point.get(1..).unwrap_or_default();
    let (x, y) = coordinates.split_at(coordinates.len() / 2);
    (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y))
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::jwk::{Jwk, ThumbprintHash};
    use jsonwebtoken::{Algorithm, DecodingKey, crypto};

    use super::*;

    fn made(kind: KeyKind) -> PrivateKey {
        PrivateKey::from_pkcs8(kind, &PrivateKey::generate(kind).unwrap()).unwrap()
    }

    #[test]
    fn what_a_key_signs_its_public_half_verifies() {
        let rsa = made(KeyKind::Rsa2048);
        let p256 = made(KeyKind::P256);
        for (key, alg, jose) in [
            (&rsa, AssertionAlg::Rs256, Algorithm::RS256),
            (&rsa, AssertionAlg::Rs384, Algorithm::RS384),
            (&rsa, AssertionAlg::Rs512, Algorithm::RS512),
            (&rsa, AssertionAlg::Ps256, Algorithm::PS256),
            (&p256, AssertionAlg::Es256, Algorithm::ES256),
        ] {
            let jwk: Jwk = serde_json::from_value(key.public_jwk(alg)).unwrap();
            let signature = URL_SAFE_NO_PAD.encode(key.sign(alg, b"message").unwrap());
            let public = DecodingKey::from_jwk(&jwk).unwrap();
            assert!(crypto::verify(&signature, b"message", &public, jose).unwrap());
            assert!(!crypto::verify(&signature, b"massage", &public, jose).unwrap());
            assert_eq!(jwk.thumbprint(ThumbprintHash::SHA256).unwrap(), key.kid());
            assert_eq!(jwk.common.key_id.unwrap(), key.kid());
        }
    }

    #[test]
    fn a_key_does_not_sign_with_an_algorithm_of_another_kind() {
        let p256 = made(KeyKind::P256);
        assert_eq!(
            p256.sign(AssertionAlg::Rs512, b"m"),
            Err(SignError::OtherKind)
        );
        assert_eq!(p256.public_jwk(AssertionAlg::Rs512).get("alg"), None);
        assert!(KeyKind::P256.fits(AssertionAlg::Es256));
        assert!(!KeyKind::P256.fits(AssertionAlg::Ps256));
        assert!(KeyKind::Rsa4096.fits(AssertionAlg::Ps256));
    }

    #[test]
    fn the_public_half_holds_nothing_private() {
        let jwk = made(KeyKind::Rsa2048).public_jwk(AssertionAlg::Rs512);
        let mut members: Vec<_> = jwk.as_object().unwrap().keys().cloned().collect();
        members.sort();
        assert_eq!(members, ["alg", "e", "kid", "kty", "n", "use"]);
    }

    #[test]
    fn the_biggest_key_fits_into_a_windows_credential() {
        let pkcs8 = PrivateKey::generate(KeyKind::Rsa4096).unwrap();
        assert!(pkcs8.expose().len() <= 2560);
    }
}
