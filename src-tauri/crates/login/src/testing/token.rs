//! Keys and signatures of a provider.

use std::sync::OnceLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use serde_json::{Value, json};

use crate::id_token::TokenAlg;
use crate::keystore::{PrivateKey, Signer};
use crate::{AssertionAlg, KeyKind, SecretBytes};

/// A key of the provider. Its name is one that base64url could not hold, as CIS2's are.
pub(crate) struct SigningKey {
    key: PrivateKey,
    pub(crate) kid: String,
}

impl SigningKey {
    pub(crate) fn p256(kid: &str) -> Self {
        let pkcs8 = PrivateKey::generate(KeyKind::P256).unwrap();
        Self::from_pkcs8(KeyKind::P256, &pkcs8, kid)
    }

    /// The same key in every test: RSA keys take long to make.
    pub(crate) fn rsa(kid: &str) -> Self {
        static PKCS8: OnceLock<SecretBytes> = OnceLock::new();
        let pkcs8 = PKCS8.get_or_init(|| PrivateKey::generate(KeyKind::Rsa2048).unwrap());
        Self::from_pkcs8(KeyKind::Rsa2048, pkcs8, kid)
    }

    fn from_pkcs8(kind: KeyKind, pkcs8: &SecretBytes, kid: &str) -> Self {
        Self {
            key: PrivateKey::from_pkcs8(kind, pkcs8).unwrap(),
            kid: kid.to_owned(),
        }
    }

    pub(crate) fn jwk(&self) -> Value {
        // No algorithm, as the keys of some providers.
        let mut jwk = self.key.public_key().jwk(AssertionAlg::Rs512);
        jwk.as_object_mut().unwrap().remove("alg");
        jwk["kid"] = self.kid.as_str().into();
        jwk
    }

    /// The same as it is looked for among the provider's keys.
    pub(crate) fn public(&self) -> Jwk {
        serde_json::from_value(self.jwk()).unwrap()
    }

    pub(crate) fn sign(&self, alg: AssertionAlg, claims: &Value) -> String {
        self.sign_with_header(alg, json!({"alg": alg.as_str(), "typ": "JWT"}), claims)
    }

    pub(crate) fn sign_with_header(
        &self,
        alg: AssertionAlg,
        mut header: Value,
        claims: &Value,
    ) -> String {
        if header.get("kid").is_none() {
            header["kid"] = self.kid.as_str().into();
        }
        self.sign_payload(alg, &header, claims.to_string().as_bytes())
    }

    pub(crate) fn sign_payload(&self, alg: AssertionAlg, header: &Value, payload: &[u8]) -> String {
        let encode = |part: &[u8]| URL_SAFE_NO_PAD.encode(part);
        let header = header.to_string();
        let signed = format!("{}.{}", encode(header.as_bytes()), encode(payload));
        let signature = self.key.sign_now(alg, signed.as_bytes()).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// `at_hash` and `c_hash` as an ES256 or RS256 token holds them.
pub(crate) fn half_hash(text: &str) -> String {
    TokenAlg::Es256.half_hash(text)
}

/// Changes some claims; "-" takes one out.
pub(crate) fn change(claims: &mut Value, changes: &Value) {
    for (name, value) in changes.as_object().unwrap() {
        if value == "-" {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
}
