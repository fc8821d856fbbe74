//! ID tokens that nobody would think of.

use std::sync::LazyLock;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::super::claims::Claims;
use super::*;
use crate::testing::{any_json, unsigned_tokens};

static P256: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::p256("k"));
static RSA: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::rsa("k"));

/// A good token of each algorithm.
static SIGNED: LazyLock<[String; 4]> = LazyLock::new(|| {
    let claims = claims(json!({"at_hash": null, "c_hash": null}));
    [
        P256.sign(AssertionAlg::Es256, &claims),
        RSA.sign(AssertionAlg::Rs256, &claims),
        RSA.sign(AssertionAlg::Rs512, &claims),
        RSA.sign(AssertionAlg::Ps256, &claims),
    ]
});

const TIMES: &[&str] = &["exp", "iat", "nbf", "auth_time"];

const TEXTS: &[&str] = &[
    "iss",
    "aud",
    "azp",
    "sub",
    "nonce",
    "at_hash",
    "c_hash",
    "acr",
    "amr",
    "sid",
    "selected_roleid",
    "authentication_assurance_level",
    "id_assurance_level",
    "idassurancelevel",
];

const WORDS: &[&str] = &[
    "",
    "2",
    "3",
    ISSUER,
    "client",
    "nonce",
    "555000000002",
    "N3_SMARTCARD",
];

fn check_token(token: &str) -> Result<Verified, CheckError> {
    Case::default().check_token(token, &[&P256, &RSA])
}

/// A claim and what it says: as a rule of the right type and nearly right.
fn odd_claim() -> impl Strategy<Value = (&'static str, Value)> {
    let seconds = NOW - 400..NOW + 200;
    let time = prop_oneof![
        3 => seconds.clone().prop_map(Value::from),
        1 => seconds.prop_map(|second| json!(second as f64 + 0.5)),
    ];
    let text = prop_oneof![
        1 => Just(String::new()),
        2 => select(WORDS).prop_map(str::to_owned),
        2 => "\\PC{0,9}",
    ];
    let list = vec(select(&["client", "other", "N3_SMARTCARD"][..]), 0..3);
    prop_oneof![
        3 => (select(TIMES), time),
        4 => (select(TEXTS), text.prop_map(Value::from)),
        2 => (select(&["aud", "amr"][..]), list.prop_map(Value::from)),
        1 => (select(TIMES), any_json(WORDS)),
        1 => (select(TEXTS), any_json(WORDS)),
    ]
}

#[derive(Clone, Debug)]
enum Change {
    Replace(char),
    Insert(char),
    Delete,
}

impl Change {
    fn any() -> impl Strategy<Value = Self> {
        let char = prop_oneof![4 => prop::char::range('-', 'z'), 1 => any::<char>()];
        prop_oneof![
            3 => char.clone().prop_map(Self::Replace),
            1 => char.prop_map(Self::Insert),
            1 => Just(Self::Delete),
        ]
    }

    fn of(&self, token: &str, at: usize) -> String {
        let (before, after) = token.split_at(at);
        match self {
            Self::Replace(char) => format!("{before}{char}{}", &after[1..]),
            Self::Insert(char) => format!("{before}{char}{after}"),
            Self::Delete => format!("{before}{}", &after[1..]),
        }
    }
}

/// Whether these claims may pass, judged without the code under test.
fn may_pass(claims: &Value) -> bool {
    let each = |name: &str| {
        let value = &claims[name];
        let one = || vec![value.clone()];
        value.as_array().cloned().unwrap_or_else(one)
    };
    let absent_or = |name: &str, value: &str| claims[name].is_null() || claims[name] == value;
    let seconds = |name: &str| claims[name].as_f64().unwrap_or(f64::NAN);
    let level = |name: &str| {
        let value = &claims[name];
        value.as_u64().or_else(|| value.as_str()?.parse().ok())
    };
    let high = |level: Option<u64>| level.is_some_and(|level| level >= 3);
    let audience = each("aud");
    let shows_card = |method: &Value| {
        let method = method.as_str().unwrap_or_default();
        method.to_ascii_uppercase().contains("SMARTCARD")
    };
    [
        claims["iss"] == ISSUER,
        !audience.is_empty() && audience.iter().all(|one| one == "client"),
        absent_or("azp", "client"),
        claims["sub"].as_str().is_some_and(|sub| !sub.is_empty()),
        claims["nonce"] == "nonce",
        absent_or("at_hash", &half_hash("access")),
        absent_or("c_hash", &half_hash("code")),
        seconds("exp") > (NOW - SKEW) as f64,
        seconds("iat") < (NOW + SKEW + 1) as f64,
        claims["nbf"].is_null() || seconds("nbf") < (NOW + SKEW + 1) as f64,
        seconds("auth_time") >= (STARTED - SKEW) as f64,
        seconds("auth_time") < (NOW + SKEW + 1) as f64,
        each("amr").iter().any(shows_card),
        high(level("authentication_assurance_level")),
        high(level("id_assurance_level").or(level("idassurancelevel"))),
    ]
    .iter()
    .all(|&good| good)
}

proptest! {
    #[test]
    fn what_nobody_signed_is_refused(
        token in unsigned_tokens(claims(json!({"at_hash": null, "c_hash": null}))),
    ) {
        prop_assert!(check_token(&token).is_err());
    }

    #[test]
    fn a_signed_token_passes_only_as_it_is(
        which in 0..4_usize,
        at in any::<Index>(),
        change in Change::any(),
    ) {
        let token = &SIGNED[which];
        let changed = change.of(token, at.index(token.len()));
        prop_assert_eq!(check_token(&changed).is_ok(), changed == *token);
    }

    #[test]
    fn odd_claims_pass_only_when_they_say_what_they_must(
        odd in prop_oneof![3 => vec(odd_claim(), 1), 1 => vec(odd_claim(), 2..5)],
    ) {
        let mut claims = claims(json!({}));
        for (name, value) in odd {
            claims[name] = value;
        }
        if let Ok(verified) = check_token(&P256.sign(AssertionAlg::Es256, &claims)) {
            prop_assert!(may_pass(&claims));
            prop_assert_eq!(&claims["sub"], &verified.subject);
        }
    }

    #[test]
    fn a_claim_named_twice_is_refused((name, odd) in odd_claim(), first: bool) {
        let good = claims(json!({"nbf": NOW, "idassurancelevel": "3"})).to_string();
        prop_assert!(serde_json::from_str::<Claims>(&good).is_ok());
        let (good, again) = (good.trim_matches(['{', '}']), format!("\"{name}\":{odd}"));
        let twice = if first { format!("{{{again},{good}}}") } else { format!("{{{good},{again}}}") };
        prop_assert!(serde_json::from_str::<Claims>(&twice).is_err());
    }
}
