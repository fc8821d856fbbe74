//! The keys that sign ID tokens, and the ways to sign wrongly.

use std::sync::LazyLock;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use aws_lc_rs::{digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};

/// Why a key could not be made or used.
#[derive(Debug, thiserror::Error)]
#[error("the signing key of the simulated CIS2 cannot be used")]
pub struct KeyError;

/// An RSA key of the simulated CIS2. The numbers name keys: 0 is the first, each rotation takes
/// the next of [`SigningKey::COUNT`], and [`SigningKey::STRANGER`] is never published.
pub(super) struct SigningKey {
    pair: KeyPair,
    id: String,
}

/// Made once per process: it takes long, and these keys guard nothing.
static KEYS: [LazyLock<Result<SigningKey, KeyError>>; SigningKey::COUNT + 1] = [
    LazyLock::new(SigningKey::generate),
    LazyLock::new(SigningKey::generate),
    LazyLock::new(SigningKey::generate),
];

impl SigningKey {
    pub(super) const COUNT: usize = 2;
    pub(super) const STRANGER: usize = Self::COUNT;

    pub(super) fn numbered(number: usize) -> Result<&'static Self, KeyError> {
        let key = KEYS.get(number).ok_or(KeyError)?;
        key.as_ref().map_err(|_| KeyError)
    }

    fn generate() -> Result<Self, KeyError> {
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyError)?;
        let digest = digest::digest(&digest::SHA256, pair.public_key().as_ref());
        // CIS2's key ids are not URL-safe, for instance b/O6OvVv1+y+WgrH5Ui9WTioLt0=; the fixed
        // first bytes make sure that these are not either.
        let mut bytes = vec![0x6f, 0xf3, 0xba];
        bytes.extend(digest.as_ref().iter().take(17));
        let id = STANDARD.encode(bytes);
        Ok(Self { pair, id })
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// The public key (RFC 7517).
    pub(super) fn jwk(&self) -> Result<Value, KeyError> {
        let (modulus, exponent) =
            rsa_components(self.pair.public_key().as_ref()).ok_or(KeyError)?;
        Ok(json!({
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.id,
            "n": URL_SAFE_NO_PAD.encode(modulus), "e": URL_SAFE_NO_PAD.encode(exponent),
        }))
    }

    /// A compact JWS with RS256.
    pub(super) fn sign(&self, kid: &str, claims: &Map<String, Value>) -> Result<String, KeyError> {
        let input = signing_input(&json!({"typ": "JWT", "kid": kid, "alg": "RS256"}), claims);
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                input.as_bytes(),
                &mut signature,
            )
            .map_err(|_| KeyError)?;
        Ok(format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    /// A compact JWS with HS256 whose secret is the public key as PEM: what a verifier that
    /// trusts the token's own `alg` would accept.
    pub(super) fn sign_with_public_key(
        &self,
        claims: &Map<String, Value>,
    ) -> Result<String, KeyError> {
        let der = self.pair.public_key().as_der().map_err(|_| KeyError)?;
        let pem = format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
            STANDARD.encode(der.as_ref())
        );
        let header = json!({"typ": "JWT", "kid": self.id, "alg": "HS256"});
        let input = signing_input(&header, claims);
        let secret = hmac::Key::new(hmac::HMAC_SHA256, pem.as_bytes());
        let signature = hmac::sign(&secret, input.as_bytes());
        Ok(format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    /// An unsecured JWS (RFC 7515, appendix A.5).
    pub(super) fn unsigned(&self, claims: &Map<String, Value>) -> String {
        let header = json!({"typ": "JWT", "kid": self.id, "alg": "none"});
        format!("{}.", signing_input(&header, claims))
    }
}

fn signing_input(header: &Value, claims: &Map<String, Value>) -> String {
    let claims = Value::Object(claims.clone());
    let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
    format!("{}.{}", encode(header), encode(&claims))
}

/// Modulus and exponent of an `RSAPublicKey` in DER (RFC 8017, appendix A.1.1).
fn rsa_components(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (sequence, _) = der_element(der, 0x30)?;
    let (modulus, rest) = der_element(sequence, 0x02)?;
    let (exponent, _) = der_element(rest, 0x02)?;
    let unsigned = |integer: &'_ [u8]| integer.iter().take_while(|&&byte| byte == 0).count();
    Some((
        modulus.get(unsigned(modulus)..)?,
        exponent.get(unsigned(exponent)..)?,
    ))
}

/// The content of a DER element with this tag, and what follows it.
fn der_element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
        let length = bytes
            .iter()
            .fold(0, |sum, &byte| sum << 8 | usize::from(byte));
        (length, rest)
    };
    (found == tag).then(|| rest.split_at_checked(length))?
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::jwk::Jwk;
    use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};

    use super::*;

    fn accepts(key: &SigningKey, token: &str) -> bool {
        let jwk: Jwk = serde_json::from_value(key.jwk().unwrap()).unwrap();
        let mut validation = Validation::new(Algorithm::RS256);
        validation.required_spec_claims.clear();
        let key = DecodingKey::from_jwk(&jwk).unwrap();
        decode::<Map<String, Value>>(token, &key, &validation).is_ok()
    }

    #[test]
    fn only_the_named_key_signs_what_its_public_key_accepts() {
        let key = SigningKey::numbered(0).unwrap();
        let stranger = SigningKey::numbered(SigningKey::STRANGER).unwrap();
        let claims = Map::from_iter([("sub".to_owned(), json!("555000000001"))]);
        assert!(accepts(key, &key.sign(key.id(), &claims).unwrap()));
        assert!(!accepts(key, &stranger.sign(key.id(), &claims).unwrap()));
        assert!(!accepts(key, &key.sign_with_public_key(&claims).unwrap()));
        assert!(!accepts(key, &key.unsigned(&claims)));
    }

    #[test]
    fn key_ids_are_not_url_safe() {
        let id = SigningKey::numbered(0).unwrap().id();
        assert!(id.contains('/') && id.ends_with('='), "{id}");
        assert_eq!(id.len(), "b/O6OvVv1+y+WgrH5Ui9WTioLt0=".len());
    }
}
