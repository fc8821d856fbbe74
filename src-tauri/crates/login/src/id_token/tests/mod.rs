//! ID tokens as a provider signs them, good and bad.

use std::time::Duration;

use cardea_session::{LoginMode, PriorSession, Time};
use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::Jwk;
use serde_json::{Value, json};

use super::*;
use crate::testing::{SigningKey, half_hash};
use crate::{AssertionAlg, Secret, Settings};

mod claims;
mod fuzz;
mod signature;

const NOW: i64 = 1_760_000_000;
const STARTED: i64 = NOW - 100;
const ISSUER: &str = "https://cis2.example:443/op";
const SKEW: i64 = 60;

/// The question that the tokens of these tests answer.
struct Case {
    settings: Settings,
    mode: LoginMode,
    prior: Option<PriorSession>,
    provider_date: Option<i64>,
}

impl Default for Case {
    fn default() -> Self {
        Self {
            settings: Settings {
                issuer: ISSUER.to_owned(),
                client_id: "client".to_owned(),
                ..Settings::default()
            },
            mode: LoginMode::SignIn,
            prior: None,
            provider_date: None,
        }
    }
}

fn at(seconds: i64) -> Time {
    Time::from_unix(seconds).unwrap()
}

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

/// The claims of a good token, with `changes`; null takes a claim out.
fn claims(changes: Value) -> Value {
    let mut claims = json!({
        "iss": ISSUER, "aud": "client", "azp": "client", "sub": "555000000001", "nonce": "nonce",
        "iat": NOW, "exp": NOW + 3600, "auth_time": NOW - 10, "sid": "sid",
        "at_hash": half_hash("access"), "c_hash": half_hash("code"),
        "acr": "AAL3_ANY", "amr": ["N3_SMARTCARD"], "selected_roleid": "555000000108",
        "authentication_assurance_level": "3", "id_assurance_level": "3",
    });
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    claims
}

impl Case {
    fn check(&self, changes: Value) -> Result<Verified, CheckError> {
        let key = SigningKey::p256("k");
        self.check_token(&key.sign(AssertionAlg::Es256, &claims(changes)), &[&key])
    }

    fn check_token(&self, token: &str, keys: &[&SigningKey]) -> Result<Verified, CheckError> {
        let jws = Jws::parse(token)?;
        let keys: Vec<Jwk> = keys
            .iter()
            .map(|key| serde_json::from_value(key.jwk()).unwrap())
            .collect();
        let keys: Vec<DecodingKey> = jws.key_wanted().among(&keys);
        let expected = Expected {
            settings: &self.settings,
            nonce: &secret("nonce"),
            code: &secret("code"),
            access_token: &secret("access"),
            started_at: at(STARTED),
            mode: self.mode,
            prior: self.prior.as_ref(),
            answered: Answered {
                asked_at: at(NOW),
                at: at(NOW),
                provider_date: self.provider_date.map(at),
            },
        };
        check(jws.verify(&keys)?, jws.alg, &expected)
    }

    fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let mut case = Self::default();
        change(&mut case.settings);
        case
    }
}

fn error(changes: Value) -> CheckError {
    Case::default().check(changes).err().expect("it passed")
}

fn passes(changes: Value) -> bool {
    Case::default().check(changes).is_ok()
}
