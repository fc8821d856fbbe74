//! The client assertion of `private_key_jwt` (RFC 7523, section 3), as CIS2 wants it: `aud` is the
//! token endpoint exactly as discovered.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cardea_session::Time;
use serde_json::{Value, json};

use crate::keystore::{SignError, Signer};
use crate::secret::NoRandomness;
use crate::{AssertionAlg, Secret};

/// How long an assertion is good for. CIS2 accepts five minutes; what is left allows for a
/// clock of ours that is ahead.
const LIFETIME_SECONDS: i64 = 180;

/// Why there is no assertion.
#[derive(Debug, thiserror::Error)]
pub enum AssertionError {
    /// The key did not sign it.
    #[error("client assertion: {0}")]
    Sign(#[from] SignError),
    /// It has no name that nobody used before.
    #[error("client assertion: {0}")]
    NoRandomness(#[from] NoRandomness),
}

pub(crate) async fn client_assertion(
    key: &dyn Signer,
    alg: AssertionAlg,
    client_id: &str,
    audience: &str,
    now: Time,
) -> Result<Secret, AssertionError> {
    let header = json!({"alg": alg.as_str(), "typ": "JWT", "kid": key.public_key().kid()});
    let claims = json!({
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "jti": Secret::random()?.expose(),
        "iat": now.unix(),
        "exp": now.unix() + LIFETIME_SECONDS,
    });
    signed(key, alg, &header, &claims).await
}

/// What a workstation's key signs by.
pub(crate) const WORKSTATION_ALG: AssertionAlg = AssertionAlg::Es256;

/// How long an assertion for a broker is good for; it accepts a minute.
const WORKSTATION_LIFETIME_SECONDS: i64 = 60;

/// The assertion by which a broker knows this computer, for this one request
/// (`src-tauri/docs/broker.md`).
pub(crate) async fn workstation_assertion(
    key: &dyn Signer,
    audience: &str,
    body: &[u8],
    now: Time,
) -> Result<Secret, AssertionError> {
    let alg = WORKSTATION_ALG;
    let kid = key.public_key().kid();
    let jwk = key.public_key().bare_jwk();
    let header = json!({"alg": alg.as_str(), "typ": "workstation+jwt", "kid": kid, "jwk": jwk});
    let claims = json!({
        "iss": kid,
        "aud": audience,
        "jti": Secret::random()?.expose(),
        "iat": now.unix(),
        "exp": now.unix() + WORKSTATION_LIFETIME_SECONDS,
        "body_sha256": URL_SAFE_NO_PAD.encode(digest(&SHA256, body)),
    });
    signed(key, alg, &header, &claims).await
}

async fn signed(
    key: &dyn Signer,
    alg: AssertionAlg,
    header: &Value,
    claims: &Value,
) -> Result<Secret, AssertionError> {
    let signed = format!("{}.{}", encode(header), encode(claims));
    let signature = key.sign(alg, signed.as_bytes()).await?;
    let signature = URL_SAFE_NO_PAD.encode(signature);
    Ok(Secret::new(format!("{signed}.{signature}")))
}

fn encode(part: &Value) -> String {
    URL_SAFE_NO_PAD.encode(part.to_string())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};

    use super::*;
    use crate::KeyKind;
    use crate::keystore::PrivateKey;

    #[tokio::test]
    async fn a_workstations_assertion_is_for_one_request_and_verifies() {
        let pkcs8 = PrivateKey::generate(KeyKind::P256).unwrap();
        let key = PrivateKey::from_pkcs8(KeyKind::P256, &pkcs8).unwrap();
        let now = Time::from_unix(1_760_000_000).unwrap();
        let audience = "https://broker.example/v1/exchange";
        let made = workstation_assertion(&key, audience, b"code=c", now).await;
        let made = made.unwrap();

        let header = jsonwebtoken::decode_header(made.expose()).unwrap();
        let jwk = header.jwk.unwrap();
        let kid = key.public_key().kid();
        assert_eq!(header.typ.as_deref(), Some("workstation+jwt"));
        assert_eq!(header.kid.as_ref(), Some(&kid));
        let mut validation = Validation::new(Algorithm::ES256);
        validation.set_audience(&[audience]);
        validation.validate_exp = false;
        let public = DecodingKey::from_jwk(&jwk).unwrap();
        let claims = decode::<Value>(made.expose(), &public, &validation);
        let claims = claims.unwrap().claims;
        assert_eq!(claims["iss"], kid);
        assert_eq!(claims["exp"], 1_760_000_060);
        // printf code=c | openssl dgst -sha256 -binary | basenc --base64url
        let hash = "wxtYVswTbjAFv0Gwmj5y3_qjV1fKNeDyCFeJop_9iuY";
        assert_eq!(claims["body_sha256"], hash);
    }

    #[tokio::test]
    async fn an_assertion_holds_what_cis2_wants_and_verifies() {
        let pkcs8 = PrivateKey::generate(KeyKind::Rsa2048).unwrap();
        let key = PrivateKey::from_pkcs8(KeyKind::Rsa2048, &pkcs8).unwrap();
        let now = Time::from_unix(1_760_000_000).unwrap();
        let audience = "https://cis2.example:443/op/access_token";
        let make = async || {
            let alg = AssertionAlg::Rs512;
            let made = client_assertion(&key, alg, "client", audience, now).await;
            made.unwrap()
        };

        let jwk = serde_json::from_value(key.public_key().jwk(AssertionAlg::Rs512)).unwrap();
        let public = DecodingKey::from_jwk(&jwk).unwrap();
        let mut validation = Validation::new(Algorithm::RS512);
        validation.set_audience(&[audience]);
        validation.validate_exp = false;
        let read =
            |assertion: &Secret| decode::<Value>(assertion.expose(), &public, &validation).unwrap();

        let assertion = read(&make().await);
        assert_eq!(
            assertion.header.kid.as_deref(),
            Some(key.public_key().kid().as_str())
        );
        assert_eq!(assertion.header.typ.as_deref(), Some("JWT"));
        assert_eq!(assertion.claims["iss"], "client");
        assert_eq!(assertion.claims["sub"], "client");
        assert_eq!(assertion.claims["iat"], 1_760_000_000);
        assert_eq!(assertion.claims["exp"], 1_760_000_180);
        let mut ids = HashSet::new();
        for _ in 0..3 {
            ids.insert(read(&make().await).claims["jti"].to_string());
        }
        assert_eq!(ids.len(), 3);
    }

    #[tokio::test]
    async fn each_of_the_five_algorithms_signs_an_assertion_that_verifies() {
        let made = |kind| {
            let pkcs8 = PrivateKey::generate(kind).unwrap();
            PrivateKey::from_pkcs8(kind, &pkcs8).unwrap()
        };
        let (rsa, p256) = (made(KeyKind::Rsa2048), made(KeyKind::P256));
        let now = Time::from_unix(1_760_000_000).unwrap();
        for (alg, key, expected) in [
            (AssertionAlg::Rs256, &rsa, Algorithm::RS256),
            (AssertionAlg::Rs384, &rsa, Algorithm::RS384),
            (AssertionAlg::Rs512, &rsa, Algorithm::RS512),
            (AssertionAlg::Ps256, &rsa, Algorithm::PS256),
            (AssertionAlg::Es256, &p256, Algorithm::ES256),
        ] {
            let assertion = client_assertion(key, alg, "client", "aud", now).await;
            let jwk = serde_json::from_value(key.public_key().jwk(alg)).unwrap();
            let mut validation = Validation::new(expected);
            validation.set_audience(&["aud"]);
            validation.validate_exp = false;
            let public = DecodingKey::from_jwk(&jwk).unwrap();
            let read = decode::<Value>(assertion.unwrap().expose(), &public, &validation);
            assert!(read.is_ok(), "{alg:?}");
        }
    }
}
