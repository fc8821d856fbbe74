//! A JWS in compact form (RFC 7515, section 7.1): taken apart, and its signature checked.

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::KeyAlgorithm;
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::CheckError;
use crate::jwks::KeyWanted;

/// The algorithms accepted in tokens of the provider. The list is ours, never the token's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenAlg {
    Rs256,
    Rs512,
    Ps256,
    Es256,
}

impl TokenAlg {
    /// By what they are called in headers and in discovery.
    const ALL: [(&str, Self); 4] = [
        ("RS256", Self::Rs256),
        ("RS512", Self::Rs512),
        ("PS256", Self::Ps256),
        ("ES256", Self::Es256),
    ];

    pub(crate) fn names() -> Vec<&'static str> {
        Self::ALL.iter().map(|(name, _)| *name).collect()
    }

    fn named(name: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(known, _)| *known == name);
        found.map(|(_, alg)| *alg)
    }

    pub(crate) fn as_jose(self) -> Algorithm {
        match self {
            Self::Rs256 => Algorithm::RS256,
            Self::Rs512 => Algorithm::RS512,
            Self::Ps256 => Algorithm::PS256,
            Self::Es256 => Algorithm::ES256,
        }
    }

    pub(crate) fn as_key_algorithm(self) -> KeyAlgorithm {
        match self {
            Self::Rs256 => KeyAlgorithm::RS256,
            Self::Rs512 => KeyAlgorithm::RS512,
            Self::Ps256 => KeyAlgorithm::PS256,
            Self::Es256 => KeyAlgorithm::ES256,
        }
    }

    /// The left half of the hash that belongs to the algorithm, as `at_hash` and `c_hash` hold it
    /// (OpenID Connect Core, section 3.1.3.6).
    pub(crate) fn half_hash(self, text: &str) -> String {
        let hash = match self {
            Self::Rs256 | Self::Ps256 | Self::Es256 => &digest::SHA256,
            Self::Rs512 => &digest::SHA512,
        };
        let whole = digest::digest(hash, text.as_bytes());
        let (half, _) = whole.as_ref().split_at(whole.as_ref().len() / 2);
        URL_SAFE_NO_PAD.encode(half)
    }
}

/// A signed token, not yet trusted.
pub(crate) struct Jws<'a> {
    pub(crate) alg: TokenAlg,
    kid: Option<String>,
    typ: Option<String>,
    signed: &'a str,
    payload: &'a str,
    signature: &'a str,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    crit: Option<serde_json::Value>,
}

impl<'a> Jws<'a> {
    pub(crate) fn parse(text: &'a str) -> Result<Self, CheckError> {
        let (signed, signature) = text.rsplit_once('.').ok_or(CheckError::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(CheckError::Malformed)?;
        if payload.contains('.') {
            return Err(CheckError::Malformed);
        }
        let header: Header = read(header)?;
        if header.crit.is_some() {
            return Err(CheckError::CriticalHeader);
        }
        Ok(Self {
            alg: TokenAlg::named(&header.alg).ok_or(CheckError::AlgorithmNotAllowed)?,
            kid: header.kid,
            typ: header.typ,
            signed,
            payload,
            signature,
        })
    }

    /// What kind of token it says to be.
    pub(crate) fn typ(&self) -> Option<&str> {
        self.typ.as_deref()
    }

    pub(crate) fn key_wanted(&self) -> KeyWanted {
        KeyWanted {
            kid: self.kid.clone(),
            alg: self.alg,
        }
    }

    /// The payload, when one of `keys` made the signature.
    pub(crate) fn verify<T: DeserializeOwned>(
        &self,
        keys: &[DecodingKey],
    ) -> Result<T, CheckError> {
        if keys.is_empty() {
            return Err(CheckError::UnknownKey);
        }
        let is_signed_by = |key: &DecodingKey| {
            crypto::verify(
                self.signature,
                self.signed.as_bytes(),
                key,
                self.alg.as_jose(),
            )
            .unwrap_or(false)
        };
        if !keys.iter().any(is_signed_by) {
            return Err(CheckError::Signature);
        }
        read(self.payload)
    }
}

fn read<T: DeserializeOwned>(part: &str) -> Result<T, CheckError> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map(Zeroizing::new);
    let bytes = bytes.map_err(|_| CheckError::Malformed)?;
    // The whole of it, also where nobody looks (RFC 7519, section 7.2).
    let text = str::from_utf8(&bytes).map_err(|_| CheckError::Malformed)?;
    serde_json::from_str(text).map_err(|_| CheckError::Malformed)
}
