//! The provider's public keys (RFC 7517), fetched again when a token names one that is not there.

use std::time::Duration;

use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse};
use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::id_token::TokenAlg;
use crate::wire::{Wire, WireError};

/// As long as the discovery document.
const MAX_AGE: Duration = Duration::from_secs(60 * 60);

/// A token that names an unknown key brings a new fetch at most this often.
const REFETCH_INTERVAL: Duration = Duration::from_secs(30);

/// Which key signed a token, by its header.
#[derive(Clone, Debug)]
pub(crate) struct KeyWanted {
    pub(crate) kid: Option<String>,
    pub(crate) alg: TokenAlg,
}

/// The last key set.
#[derive(Debug, Default)]
pub(crate) struct KeyCache(Mutex<Cached>);

#[derive(Debug, Default)]
struct Cached {
    keys: Option<Fetched>,
    refetched_at: Option<Instant>,
}

#[derive(Debug)]
struct Fetched {
    from: String,
    at: Instant,
    keys: Vec<Jwk>,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<serde_json::Value>,
}

impl KeyCache {
    /// The keys that may have signed the token: fitting in name, kind and use. Usually one; none
    /// when the provider has no such key.
    pub(crate) async fn keys(
        &self,
        wire: &Wire,
        address: &str,
        wanted: &KeyWanted,
    ) -> Result<Vec<DecodingKey>, WireError> {
        let mut cached = self.0.lock().await;
        let is_current =
            |fetched: &Fetched| fetched.from == address && fetched.at.elapsed() < MAX_AGE;
        if let Some(fetched) = cached.keys.as_ref().filter(|fetched| is_current(fetched)) {
            let found = wanted.among(&fetched.keys);
            let may_refetch = cached
                .refetched_at
                .is_none_or(|at| at.elapsed() >= REFETCH_INTERVAL);
            if !found.is_empty() || !may_refetch {
                return Ok(found);
            }
            cached.refetched_at = Some(Instant::now());
        }
        let keys = fetch(wire, address).await?;
        let found = wanted.among(&keys);
        cached.keys = Some(Fetched {
            from: address.to_owned(),
            at: Instant::now(),
            keys,
        });
        Ok(found)
    }
}

/// One key that we cannot read must not hide the others.
async fn fetch(wire: &Wire, address: &str) -> Result<Vec<Jwk>, WireError> {
    let set: KeySet = wire.fetch(address, None).await?.ok()?.json()?;
    let keys = set.keys.into_iter();
    Ok(keys
        .filter_map(|key| serde_json::from_value(key).ok())
        .collect())
}

impl KeyWanted {
    pub(crate) fn among(&self, keys: &[Jwk]) -> Vec<DecodingKey> {
        let fitting: Vec<_> = keys.iter().filter(|key| self.fits(key)).collect();
        // Without a name there must be no choice (OpenID Connect Core, section 10.1).
        if self.kid.is_none() && fitting.len() > 1 {
            return Vec::new();
        }
        let usable = fitting.into_iter().map(DecodingKey::from_jwk);
        usable.filter_map(Result::ok).collect()
    }

    fn fits(&self, key: &Jwk) -> bool {
        let name = self.kid.is_none() || key.common.key_id == self.kid;
        let purpose = matches!(
            key.common.public_key_use,
            None | Some(PublicKeyUse::Signature)
        );
        let alg = key
            .common
            .key_algorithm
            .is_none_or(|alg| alg == self.alg.as_key_algorithm());
        name && purpose && alg && self.kind_fits(key)
    }

    fn kind_fits(&self, key: &Jwk) -> bool {
        match self.alg {
            TokenAlg::Rs256 | TokenAlg::Rs512 | TokenAlg::Ps256 => {
                matches!(key.algorithm, AlgorithmParameters::RSA(_))
            }
            TokenAlg::Es256 => matches!(
                &key.algorithm,
                AlgorithmParameters::EllipticCurve(curve) if curve.curve == EllipticCurve::P256
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn key(members: serde_json::Value) -> Jwk {
        let mut key =
            json!({"kty": "RSA", "n": "sXch", "e": "AQAB", "kid": "b/O6+v=", "use": "sig"});
        for (name, value) in members.as_object().unwrap() {
            key[name] = value.clone();
        }
        serde_json::from_value(key).unwrap()
    }

    fn wanted(kid: Option<&str>, alg: TokenAlg) -> KeyWanted {
        KeyWanted {
            kid: kid.map(str::to_owned),
            alg,
        }
    }

    #[test]
    fn a_key_is_found_by_its_opaque_name() {
        let keys = [key(json!({})), key(json!({"kid": "other"}))];
        assert_eq!(
            wanted(Some("b/O6+v="), TokenAlg::Rs256).among(&keys).len(),
            1
        );
        assert_eq!(
            wanted(Some("b_O6-v="), TokenAlg::Rs256).among(&keys).len(),
            0
        );
    }

    #[test]
    fn a_key_must_fit_in_kind_use_and_algorithm() {
        let fits = |members| wanted(Some("b/O6+v="), TokenAlg::Rs256).fits(&key(members));
        assert!(fits(json!({"alg": "RS256"})));
        assert!(!fits(json!({"alg": "RS512"})));
        assert!(!fits(json!({"use": "enc"})));
        assert!(!wanted(Some("b/O6+v="), TokenAlg::Es256).fits(&key(json!({}))));
        let curve = json!({"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA"});
        assert!(!wanted(Some("b/O6+v="), TokenAlg::Es256).fits(&key(curve)));
    }

    #[test]
    fn without_a_name_there_must_be_no_choice() {
        let one = [key(json!({}))];
        let two = [key(json!({})), key(json!({"kid": "other"}))];
        assert_eq!(wanted(None, TokenAlg::Rs256).among(&one).len(), 1);
        assert_eq!(wanted(None, TokenAlg::Rs256).among(&two).len(), 0);
    }
}
