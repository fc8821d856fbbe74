//! Private keys that we hold ourselves: made, read, used to sign.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384,
    RSA_PKCS1_SHA512, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair,
};

use super::signer::{SignAnswer, SignError, Signer};
use super::{KeystoreError, PublicKey};
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

    /// The strongest that makes signatures of this algorithm.
    pub(crate) fn strongest_for(alg: AssertionAlg) -> Self {
        match alg {
            AssertionAlg::Rs256
            | AssertionAlg::Rs384
            | AssertionAlg::Rs512
            | AssertionAlg::Ps256 => Self::Rsa4096,
            AssertionAlg::Es256 => Self::P256,
        }
    }

    /// Whether such a key makes signatures of this algorithm.
    #[must_use]
    pub fn fits(self, alg: AssertionAlg) -> bool {
        (self == Self::P256) == (alg == AssertionAlg::Es256)
    }
}

/// A key whose bytes we have. The cryptographic library wipes it when dropped.
pub(crate) struct PrivateKey {
    pair: Pair,
    public: PublicKey,
}

enum Pair {
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
        let pair = match kind {
            KeyKind::Rsa2048 | KeyKind::Rsa4096 => RsaKeyPair::from_pkcs8(pkcs8).map(Pair::Rsa),
            KeyKind::P256 => {
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8).map(Pair::P256)
            }
        };
        let pair = pair.map_err(|_| KeystoreError::Damaged)?;
        let public = pair.public_key().ok_or(KeystoreError::Damaged)?;
        Ok(Self { pair, public })
    }

    /// The signature as a JWS holds it (RFC 7518, section 3).
    pub(crate) fn sign_now(&self, alg: AssertionAlg, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let random = SystemRandom::new();
        let signature = match (&self.pair, Scheme::of(alg)) {
            (Pair::Rsa(key), Scheme::Rsa(encoding)) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(encoding, &random, message, &mut signature)
                    .map(|()| signature)
            }
            (Pair::P256(key), Scheme::Ecdsa) => {
                let signature = key.sign(&random, message);
                signature.map(|signature| signature.as_ref().to_vec())
            }
            (Pair::Rsa(_), Scheme::Ecdsa) | (Pair::P256(_), Scheme::Rsa(_)) => {
                return Err(SignError::OtherKind);
            }
        };
        signature.map_err(|Unspecified| SignError::Failed)
    }
}

#[cfg(test)]
impl PrivateKey {
    /// Signs what was hashed already, as CNG does.
    pub(crate) fn sign_hash(&self, alg: AssertionAlg, hash: &[u8]) -> Vec<u8> {
        use aws_lc_rs::digest::{Digest, SHA256, SHA384, SHA512};

        let algorithm = match hash.len() {
            32 => &SHA256,
            48 => &SHA384,
            _ => &SHA512,
        };
        let hash = Digest::import_less_safe(hash, algorithm).unwrap();
        match (&self.pair, Scheme::of(alg)) {
            (Pair::Rsa(key), Scheme::Rsa(encoding)) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign_digest(encoding, &hash, &mut signature).unwrap();
                signature
            }
            (Pair::P256(key), _) => key.sign_digest(&hash).unwrap().as_ref().to_vec(),
            (Pair::Rsa(_), Scheme::Ecdsa) => panic!("an RSA key does not sign so"),
        }
    }
}

impl Signer for PrivateKey {
    fn public_key(&self) -> &PublicKey {
        &self.public
    }

    fn sign<'a>(&'a self, alg: AssertionAlg, message: &'a [u8]) -> SignAnswer<'a> {
        Box::pin(std::future::ready(self.sign_now(alg, message)))
    }
}

impl Pair {
    fn public_key(&self) -> Option<PublicKey> {
        match self {
            Self::Rsa(key) => {
                let key = key.public_key();
                Some(PublicKey::Rsa {
                    modulus: key.modulus().big_endian_without_leading_zero().to_vec(),
                    exponent: key.exponent().big_endian_without_leading_zero().to_vec(),
                })
            }
            // An uncompressed point: 04, x, y.
            Self::P256(key) => {
                let coordinates = key.public_key().as_ref().strip_prefix(&[4])?;
                PublicKey::p256(coordinates)
            }
        }
    }
}

enum Scheme {
    Rsa(&'static dyn RsaEncoding),
    Ecdsa,
}

impl Scheme {
    fn of(alg: AssertionAlg) -> Self {
        match alg {
            AssertionAlg::Rs256 => Self::Rsa(&RSA_PKCS1_SHA256),
            AssertionAlg::Rs384 => Self::Rsa(&RSA_PKCS1_SHA384),
            AssertionAlg::Rs512 => Self::Rsa(&RSA_PKCS1_SHA512),
            AssertionAlg::Ps256 => Self::Rsa(&RSA_PSS_SHA256),
            AssertionAlg::Es256 => Self::Ecdsa,
        }
    }
}

fn generate_rsa(size: KeySize) -> Result<SecretBytes, Unspecified> {
    let key = RsaKeyPair::generate(size)?;
    let pkcs8 = key.as_der()?;
    Ok(SecretBytes::new(pkcs8.as_ref().to_vec()))
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
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
            let jwk: Jwk = serde_json::from_value(key.public.jwk(alg)).unwrap();
            let signature = key.sign_now(alg, b"message").unwrap();
            assert!(key.public.verifies(alg, b"message", &signature));
            assert!(!key.public.verifies(alg, b"massage", &signature));
            let signature = URL_SAFE_NO_PAD.encode(signature);
            let public = DecodingKey::from_jwk(&jwk).unwrap();
            assert!(crypto::verify(&signature, b"message", &public, jose).unwrap());
            assert!(!crypto::verify(&signature, b"massage", &public, jose).unwrap());
            assert_eq!(
                jwk.thumbprint(ThumbprintHash::SHA256).unwrap(),
                key.public.kid()
            );
            assert_eq!(jwk.common.key_id.unwrap(), key.public.kid());
        }
    }

    #[test]
    fn a_key_does_not_sign_with_an_algorithm_of_another_kind() {
        let p256 = made(KeyKind::P256);
        assert!(matches!(
            p256.sign_now(AssertionAlg::Rs512, b"m"),
            Err(SignError::OtherKind)
        ));
        assert_eq!(p256.public.jwk(AssertionAlg::Rs512).get("alg"), None);
        assert!(KeyKind::P256.fits(AssertionAlg::Es256));
        assert!(!KeyKind::P256.fits(AssertionAlg::Ps256));
        assert!(KeyKind::Rsa4096.fits(AssertionAlg::Ps256));
    }

    #[test]
    fn the_public_half_holds_nothing_private() {
        let jwk = made(KeyKind::Rsa2048).public.jwk(AssertionAlg::Rs512);
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
