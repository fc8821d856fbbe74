//! ID tokens (cis2.md 3.8), good and bad.

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use crate::provider::key::{KeyError, SigningKey};
use crate::provider::state::{Code, Shared, random_id};
use crate::provider::{Fault, IdTokenFault};

/// How long an ID token is good, in seconds.
const LIFETIME: i64 = 3_600;

/// How far a time is off that is plainly wrong, in seconds.
const FAR_OFF: i64 = 600;

/// How long before the authorize request somebody else may have signed in, in seconds.
const BEFORE_ATTEMPT: i64 = 120;

const ANOTHER_CLIENT: &str = "another-client.apps.simulated";

/// The ID token for a code, with the faults that are on.
pub(super) fn id_token(
    shared: &Shared,
    code: &Code,
    code_value: &str,
    access_token: &str,
    now: i64,
) -> Result<String, KeyError> {
    let faults = shared.faults();
    let faults: Vec<&IdTokenFault> = faults
        .iter()
        .filter_map(|fault| match fault {
            Fault::IdToken(fault) => Some(fault),
            Fault::Discovery(_) | Fault::Callback(_) | Fault::UserInfo(_) | Fault::Answer(..) => {
                None
            }
        })
        .collect();
    let mut claims = claims(&shared.issuer, code, code_value, access_token, now);
    for fault in &faults {
        spoil(&mut claims, fault, code, now);
    }
    let number = shared.lock().key;
    let key = SigningKey::numbered(number)?;
    let has = |fault| faults.contains(&&fault);
    if has(IdTokenFault::AlgNone) {
        return Ok(key.unsigned(&claims));
    }
    if has(IdTokenFault::HmacWithPublicKey) {
        return key.sign_with_public_key(&claims);
    }
    let kid = match has(IdTokenFault::UnknownKeyId) {
        true => "AAAAAAAA/AAAAAAAAAAAAAAAAAA=",
        false => key.id(),
    };
    let signer = match has(IdTokenFault::BadSignature) {
        true => SigningKey::numbered(SigningKey::STRANGER)?,
        false => key,
    };
    signer.sign(kid, &claims)
}

fn claims(
    issuer: &str,
    code: &Code,
    code_value: &str,
    access_token: &str,
    now: i64,
) -> Map<String, Value> {
    let sign_in = &code.sign_in;
    let claims = json!({
        "at_hash": half_hash(access_token),
        "sub": code.person.id,
        "auditTrackingId": random_id(),
        "amr": ["N3_SMARTCARD"],
        "iss": issuer,
        "tokenName": "id_token",
        "sid": random_id(),
        "id_assurance_level": "3",
        "acr": sign_in.acr,
        "azp": sign_in.client,
        "auth_time": code.signed_in_at,
        "authentication_assurance_level": "3",
        "exp": now + LIFETIME,
        "iat": now,
        "subname": code.person.id,
        "aud": sign_in.client,
        "c_hash": half_hash(code_value),
        "org.forgerock.openidconnect.ops": random_id(),
        "realm": "/NHSIdentity/Healthcare",
        "idassurancelevel": "3",
        "tokenType": "JWTToken",
    });
    let mut claims = match claims {
        Value::Object(claims) => claims,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Map::new()
        }
    };
    if let Some(nonce) = &sign_in.nonce {
        claims.insert("nonce".into(), json!(nonce));
    }
    if let Some(state) = &sign_in.state {
        claims.insert("s_hash".into(), json!(half_hash(state)));
    }
    if let Some(role) = &code.role {
        claims.insert("selected_roleid".into(), json!(role));
    }
    claims
}

fn spoil(claims: &mut Map<String, Value>, fault: &IdTokenFault, code: &Code, now: i64) {
    let (name, value) = match fault {
        IdTokenFault::WrongIssuer => {
            let issuer = claims
                .get("iss")
                .and_then(Value::as_str)
                .unwrap_or_default();
            ("iss", json!(format!("{issuer}/")))
        }
        IdTokenFault::WrongAudience => ("aud", json!(ANOTHER_CLIENT)),
        IdTokenFault::SecondAudience => ("aud", json!([code.sign_in.client, ANOTHER_CLIENT])),
        IdTokenFault::WrongAuthorisedParty => ("azp", json!(ANOTHER_CLIENT)),
        IdTokenFault::WrongNonce => ("nonce", json!(random_id())),
        IdTokenFault::WrongAccessTokenHash => ("at_hash", json!(half_hash("another"))),
        IdTokenFault::WrongCodeHash => ("c_hash", json!(half_hash("another"))),
        IdTokenFault::Expired => ("exp", json!(now - FAR_OFF)),
        IdTokenFault::IssuedInTheFuture => ("iat", json!(now + FAR_OFF)),
        IdTokenFault::AuthTimeStale => ("auth_time", json!(now - FAR_OFF)),
        IdTokenFault::AuthTimeBeforeAttempt => {
            ("auth_time", json!(code.sign_in.asked_at - BEFORE_ATTEMPT))
        }
        IdTokenFault::LowAuthenticationAssurance => ("authentication_assurance_level", json!("2")),
        IdTokenFault::LowIdentityAssurance => ("id_assurance_level", json!("1")),
        IdTokenFault::NoSmartcard => ("amr", json!(["pwd"])),
        IdTokenFault::With(name, value) => (name.as_str(), value.clone()),
        IdTokenFault::Without(name) => {
            claims.remove(name);
            return;
        }
        IdTokenFault::AlgNone
        | IdTokenFault::HmacWithPublicKey
        | IdTokenFault::BadSignature
        | IdTokenFault::UnknownKeyId => return,
    };
    claims.insert(name.to_owned(), value);
}

/// The left half of the SHA-256 (OpenID Connect Core, section 3.3.2.11).
fn half_hash(text: &str) -> String {
    let hash = digest::digest(&digest::SHA256, text.as_bytes());
    let (left, _) = hash.as_ref().split_at(hash.as_ref().len() / 2);
    URL_SAFE_NO_PAD.encode(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_as_in_the_standard() {
        // OpenID Connect Core, appendices A.3 and A.4.
        assert_eq!(
            half_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"),
            "77QmUPtjPfzWtF2AnpK9RQ"
        );
        assert_eq!(
            half_hash("Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk"),
            "LDktKdoQak3Pk0cnXxCltA"
        );
    }
}
