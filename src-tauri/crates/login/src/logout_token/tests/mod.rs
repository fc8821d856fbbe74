//! Logout tokens as a provider signs them, good and bad.

use serde_json::{Value, json};

use super::checks::{Checked, Claims, EVENT, FRESH, check, check_type};
use super::error::Why;
use super::seen::Seen;
use super::*;
use crate::AssertionAlg;
use crate::id_token::CheckError;
use crate::testing::{SigningKey, change};
use cardea_session::Time;

mod fuzz;
mod once;

const NOW: i64 = 1_760_000_000;
const SKEW: i64 = 60;
const ISSUER: &str = "https://cis2.example:443/op";

fn at(seconds: i64) -> Time {
    Time::from_unix(seconds).unwrap()
}

fn settings() -> Settings {
    Settings {
        issuer: ISSUER.to_owned(),
        client_id: "client".to_owned(),
        ..Settings::default()
    }
}

/// The claims of a good token, as CIS2 makes them (cis2.md 5.1), with `changes`; "-" takes a claim
/// out.
fn claims(changes: Value) -> Value {
    let mut claims = json!({
        "iss": ISSUER, "sub": "555000000001", "aud": ["client"], "iat": NOW, "exp": NOW + 120,
        "jti": "jti", "sid": "sid", "events": {EVENT: {}},
    });
    change(&mut claims, &changes);
    claims
}

fn read(claims: &Value, now: i64) -> Result<Checked, Why> {
    let claims: Claims =
        serde_json::from_value(claims.clone()).map_err(|_| CheckError::Malformed)?;
    check(claims, &settings(), at(now))
}

fn ended(changes: Value) -> Result<Ended, String> {
    read(&claims(changes), NOW)
        .map(|checked| checked.logout.ended)
        .map_err(|why| why.to_string())
}

#[track_caller]
fn refused(changes: Value, expected: Why) {
    let why = ended(changes.clone()).err();
    assert_eq!(why, Some(expected.to_string()), "{changes}");
}

fn session(sid: &str) -> Result<Ended, String> {
    Ok(Ended::Session(sid.to_owned()))
}

impl fmt::Debug for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Session(sid) => write!(f, "Session({sid})"),
            Self::EverythingOf(sub) => write!(f, "EverythingOf({sub})"),
        }
    }
}

#[test]
fn the_sid_decides_and_the_sub_only_without_it() {
    assert_eq!(ended(json!({})), session("sid"));
    assert_eq!(ended(json!({"sub": "-"})), session("sid"));
    let everything = Ok(Ended::EverythingOf("555000000001".to_owned()));
    assert_eq!(ended(json!({"sid": "-"})), everything);
    refused(json!({"sid": "-", "sub": "-"}), Why::NobodyNamed);
    refused(json!({"sid": ""}), Why::NobodyNamed);
    refused(json!({"sid": "-", "sub": ""}), Why::NobodyNamed);
}

#[test]
fn a_logout_token_has_no_type_or_one_of_two() {
    for typ in [
        None,
        Some("JWT"),
        Some("jwt"),
        Some("logout+jwt"),
        Some("Logout+JWT"),
    ] {
        assert!(check_type(typ).is_ok(), "{typ:?}");
    }
    for typ in ["", "at+jwt", "dpop+jwt", "secevent+jwt", "logout", "JWT "] {
        assert!(matches!(check_type(Some(typ)), Err(Why::Type)), "{typ}");
    }
}

#[test]
fn the_events_name_a_back_channel_logout() {
    for events in [
        json!({EVENT: {}}),
        json!({EVENT: {"more": 1}, "https://other.example": {}}),
    ] {
        assert_eq!(ended(json!({"events": events})), session("sid"));
    }
    for events in [
        json!("-"),
        json!(null),
        json!({}),
        json!({EVENT: null}),
        json!({EVENT: true}),
        json!({EVENT: []}),
        json!({"https://other.example": {}}),
    ] {
        refused(json!({"events": events}), Why::Events);
    }
    for events in [json!([EVENT]), json!(EVENT)] {
        refused(json!({"events": events}), CheckError::Malformed.into());
    }
}

#[test]
fn a_nonce_whatever_it_is_makes_it_an_id_token() {
    for nonce in [json!("nonce"), json!(""), json!(null), json!(7), json!({})] {
        refused(json!({"nonce": nonce}), Why::Nonce);
    }
}

#[test]
fn a_logout_token_has_a_name() {
    for jti in [json!("-"), json!(null), json!("")] {
        refused(json!({"jti": jti}), CheckError::Missing("jti").into());
    }
    refused(json!({"jti": 7}), CheckError::Malformed.into());
}

#[test]
fn a_logout_token_is_fresh_give_or_take_the_skew() {
    let fresh = i64::try_from(FRESH.as_secs()).unwrap();
    let without_exp = |iat: i64| json!({"iat": iat, "exp": "-"});
    assert_eq!(ended(without_exp(NOW + SKEW)), session("sid"));
    assert_eq!(ended(without_exp(NOW - fresh - SKEW + 1)), session("sid"));
    refused(
        without_exp(NOW + SKEW + 1),
        CheckError::IssuedInFuture.into(),
    );
    refused(without_exp(NOW - fresh - SKEW), Why::TooOld);
    refused(json!({"iat": "-"}), CheckError::Missing("iat").into());
    refused(json!({"iat": "now"}), CheckError::Malformed.into());
}

#[test]
fn a_logout_token_that_says_when_it_expires_has_not() {
    assert_eq!(ended(json!({"exp": NOW - SKEW + 1})), session("sid"));
    assert_eq!(ended(json!({"exp": "-"})), session("sid"));
    refused(json!({"exp": NOW - SKEW}), CheckError::Expired.into());
    refused(json!({"exp": "never"}), CheckError::Malformed.into());
}

#[test]
fn issuer_and_audience_of_a_logout_token_are_exact() {
    assert_eq!(ended(json!({"aud": "client"})), session("sid"));
    for issuer in [
        "https://cis2.example/op",
        "https://cis2.example:443/op/",
        "https://CIS2.example:443/op",
    ] {
        refused(json!({"iss": issuer}), CheckError::Issuer.into());
    }
    refused(json!({"iss": "-"}), CheckError::Missing("iss").into());
    refused(json!({"aud": "other"}), CheckError::Audience.into());
    refused(json!({"aud": []}), CheckError::Audience.into());
    let both = json!({"aud": ["client", "other"]});
    refused(both, CheckError::ForeignAudience.into());
    refused(json!({"aud": "-"}), CheckError::Missing("aud").into());
}

#[test]
fn what_is_shown_of_a_logout_names_nobody() {
    let logout = read(&claims(json!({})), NOW).ok().unwrap().logout;
    assert_eq!(format!("{logout:?}"), "Logout([redacted])");
    for changes in [
        json!({"sub": 555_000_000_001_u64}),
        json!({"iss": "555000000001"}),
    ] {
        assert!(!ended(changes).unwrap_err().contains("555000000001"));
    }
}
