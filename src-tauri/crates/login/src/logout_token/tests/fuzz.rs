//! Logout tokens that nobody would think of.

use std::sync::LazyLock;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::*;
use crate::testing::{any_json, unsigned_tokens};

static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::p256("k"));

/// A good token.
static SIGNED: LazyLock<String> =
    LazyLock::new(|| KEY.sign(AssertionAlg::Es256, &claims(json!({}))));

const CLAIMS: &[&str] = &[
    "iss", "sub", "aud", "iat", "exp", "jti", "sid", "events", "nonce",
];

const WORDS: &[&str] = &["", ISSUER, "client", "other", "sid", "555000000001", EVENT];

/// Reads a token as the whole of it is read, but for where the keys come from.
fn read_token(token: &str) -> Result<Checked, Why> {
    let jws = Jws::parse(token)?;
    check_type(jws.typ())?;
    let keys = jws.key_wanted().among(&[KEY.public()]);
    check(jws.verify(&keys)?, &settings(), at(NOW))
}

fn odd_claim() -> impl Strategy<Value = (&'static str, Value)> {
    let time = (NOW - 400..NOW + 200).prop_map(Value::from);
    let list = vec(select(&["client", "other"][..]), 0..3).prop_map(Value::from);
    let event = any_json(WORDS).prop_map(|value| json!({ EVENT: value }));
    prop_oneof![
        3 => (select(&["iat", "exp"][..]), time),
        3 => (select(CLAIMS), select(WORDS).prop_map(Value::from)),
        2 => (Just("aud"), list),
        2 => (Just("events"), event),
        3 => (select(CLAIMS), any_json(WORDS)),
    ]
}

/// Whether these claims may pass, judged without the code under test.
fn may_pass(claims: &Value) -> bool {
    let audience = &claims["aud"];
    let ours = |one: &Value| one == "client";
    let all_ours = |list: &Vec<Value>| !list.is_empty() && list.iter().all(ours);
    let seconds = |name: &str| claims[name].as_f64().unwrap_or(f64::NAN);
    let says = |name: &str| claims[name].as_str().is_some_and(|text| !text.is_empty());
    [
        claims["iss"] == ISSUER,
        ours(audience) || audience.as_array().is_some_and(all_ours),
        seconds("iat") < (NOW + SKEW + 1) as f64,
        seconds("iat") > (NOW - SKEW - 300) as f64,
        claims["exp"].is_null() || seconds("exp") > (NOW - SKEW) as f64,
        claims["events"][EVENT].is_object(),
        claims.get("nonce").is_none(),
        says("jti"),
        says("sid") || (claims["sid"].is_null() && says("sub")),
    ]
    .iter()
    .all(|&good| good)
}

proptest! {
    #[test]
    fn a_logout_token_that_nobody_signed_is_refused(token in unsigned_tokens(claims(json!({})))) {
        prop_assert!(read_token(&token).is_err());
    }

    #[test]
    fn a_logout_token_passes_only_as_it_is(at in any::<Index>(), char in "[-_.A-Za-z0-9=]") {
        let at = at.index(SIGNED.len());
        let changed = format!("{}{char}{}", &SIGNED[..at], &SIGNED[at + 1..]);
        prop_assert_eq!(read_token(&changed).is_ok(), changed == *SIGNED);
    }

    #[test]
    fn odd_claims_end_nothing_unless_they_say_what_they_must(odd in vec(odd_claim(), 1..4)) {
        let mut claims = claims(json!({}));
        for (name, value) in odd {
            claims[name] = value;
        }
        let read = read_token(&KEY.sign(AssertionAlg::Es256, &claims));
        if let Ok(checked) = read {
            prop_assert!(may_pass(&claims), "{}", claims);
            match checked.logout.ended {
                Ended::Session(sid) => prop_assert_eq!(&claims["sid"], &sid),
                Ended::EverythingOf(sub) => prop_assert_eq!(&claims["sub"], &sub),
            }
        }
    }
}
