//! What all inputs answer: one relying party, one provider, one moment.

use std::sync::LazyLock;

use cardea_login::Settings;
use cardea_session::Time;
use serde_json::Value;

pub(crate) const ISSUER: &str = "https://cis2.example:443/op";
pub(crate) const CLIENT: &str = "client";
pub(crate) const SUBJECT: &str = "555000000001";
pub(crate) const NOW: i64 = 1_760_000_000;
pub(crate) const SKEW: i64 = 60;

pub(crate) static SETTINGS: LazyLock<Settings> = LazyLock::new(|| Settings {
    issuer: ISSUER.to_owned(),
    client_id: CLIENT.to_owned(),
    ..Settings::default()
});

pub(crate) fn at(seconds: i64) -> Time {
    Time::from_unix(seconds).expect("a time of this century")
}

/// Whether claims are of the provider, for us alone.
pub(crate) fn are_for_us(claims: &Value) -> bool {
    let ours = |one: &Value| one == CLIENT;
    let audience = &claims["aud"];
    let all_ours = |list: &Vec<Value>| !list.is_empty() && list.iter().all(ours);
    claims["iss"] == ISSUER && (ours(audience) || audience.as_array().is_some_and(all_ours))
}

/// The number of a claim; one that is none compares with nothing.
pub(crate) fn number(claims: &Value, name: &str) -> f64 {
    claims[name].as_f64().unwrap_or(f64::NAN)
}

pub(crate) fn is_said(claims: &Value, name: &str) -> bool {
    claims[name].as_str().is_some_and(|text| !text.is_empty())
}
