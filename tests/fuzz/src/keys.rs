//! The provider's keys, made at the start, and what they sign.

use std::sync::LazyLock;

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA512,
    RSA_PSS_SHA256, RsaEncoding, RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cardea_login::fuzzing::Keys;
use serde_json::{Value, json};

/// The name of every key.
pub(crate) const KID: &str = "k/1=";

pub(crate) struct Provider {
    p256: EcdsaKeyPair,
    rsa: RsaKeyPair,
    /// As everybody can fetch them.
    pub(crate) public: Keys,
}

pub(crate) static PROVIDER: LazyLock<Provider> = LazyLock::new(|| {
    let p256 = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
    let rsa = RsaKeyPair::generate(KeySize::Rsa2048).expect("a key");
    let point = p256.public_key().as_ref();
    let (n, e) = (rsa.public_key().modulus(), rsa.public_key().exponent());
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let public = Keys::read(vec![
        json!({
            "kty": "EC", "crv": "P-256", "kid": KID, "use": "sig",
            "x": encode(&point[1..33]), "y": encode(&point[33..]),
        }),
        json!({
            "kty": "RSA", "kid": KID, "use": "sig",
            "n": encode(n.big_endian_without_leading_zero()),
            "e": encode(e.big_endian_without_leading_zero()),
        }),
    ]);
    Provider { p256, rsa, public }
});

impl Provider {
    /// The provider's signature, as an algorithm of this name makes it. Of an algorithm that the
    /// provider has no key for, what somebody without any secret could make: with HS256 by its
    /// public key as the secret.
    pub(crate) fn sign(&self, alg: &Value, message: &[u8]) -> Vec<u8> {
        match alg.as_str() {
            Some("ES256") => {
                let signature = self.p256.sign(&SystemRandom::new(), message);
                signature.expect("a signature").as_ref().to_vec()
            }
            Some("RS256") => self.by_rsa(&RSA_PKCS1_SHA256, message),
            Some("RS512") => self.by_rsa(&RSA_PKCS1_SHA512, message),
            Some("PS256") => self.by_rsa(&RSA_PSS_SHA256, message),
            Some("HS256") => {
                let public = self.rsa.public_key().as_ref();
                let key = hmac::Key::new(hmac::HMAC_SHA256, public);
                hmac::sign(&key, message).as_ref().to_vec()
            }
            Some(_) | None => Vec::new(),
        }
    }

    fn by_rsa(&self, encoding: &'static dyn RsaEncoding, message: &[u8]) -> Vec<u8> {
        let mut signature = vec![0; self.rsa.public_modulus_len()];
        let random = SystemRandom::new();
        let signed = self.rsa.sign(encoding, &random, message, &mut signature);
        signed.expect("a signature");
        signature
    }
}
