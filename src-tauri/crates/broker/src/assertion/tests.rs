use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};

use super::*;

const AUDIENCE: &str = "https://broker.example/v1/exchange";
const BODY: &[u8] = b"code=the-code";
const NOW: i64 = 1_760_000_000;

/// A workstation's key.
pub(crate) struct Workstation {
    pair: EcdsaKeyPair,
    pub(crate) thumbprint: String,
}

impl Workstation {
    pub(crate) fn new() -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let thumbprint = thumbprint(pair.public_key().as_ref());
        Self { pair, thumbprint }
    }

    pub(crate) fn header(&self) -> Value {
        let (x, y) = self.pair.public_key().as_ref()[1..].split_at(32);
        let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
        json!({"typ": "workstation+jwt", "alg": "ES256", "kid": self.thumbprint,
               "jwk": {"kty": "EC", "crv": "P-256", "x": x, "y": y}})
    }

    pub(crate) fn claims(&self, audience: &str, body: &[u8], now: i64, jti: &str) -> Value {
        json!({"iss": self.thumbprint, "aud": audience, "iat": now, "exp": now + 60, "jti": jti,
               "body_sha256": URL_SAFE_NO_PAD.encode(digest(&SHA256, body))})
    }

    pub(crate) fn signed(&self, header: &Value, claims: &Value) -> String {
        let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let signed = format!("{}.{}", encode(header), encode(claims));
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes());
        let signature = URL_SAFE_NO_PAD.encode(signature.unwrap());
        format!("{signed}.{signature}")
    }
}

fn checked(assertion: &str, approved: bool) -> Result<Proven, Problem> {
    let expected = Expected {
        audience: AUDIENCE,
        body: BODY,
        now: NOW,
    };
    check(assertion, |_| approved, &expected)
}

/// What becomes of an assertion with one claim changed.
fn with_claim(name: &str, value: Value) -> Result<Proven, Problem> {
    let workstation = Workstation::new();
    let mut claims = workstation.claims(AUDIENCE, BODY, NOW, "0123456789abcdef");
    claims[name] = value;
    checked(&workstation.signed(&workstation.header(), &claims), true)
}

/// What becomes of one with one member of its header changed.
fn with_header(name: &str, value: Value) -> Result<Proven, Problem> {
    let workstation = Workstation::new();
    let mut header = workstation.header();
    header[name] = value;
    let claims = workstation.claims(AUDIENCE, BODY, NOW, "0123456789abcdef");
    checked(&workstation.signed(&header, &claims), true)
}

#[test]
fn an_approved_workstation_proves_itself() {
    let workstation = Workstation::new();
    let claims = workstation.claims(AUDIENCE, BODY, NOW, "0123456789abcdef");
    let proven = checked(&workstation.signed(&workstation.header(), &claims), true);
    assert_eq!(
        proven,
        Ok(Proven {
            thumbprint: workstation.thumbprint,
            jti: "0123456789abcdef".to_owned(),
            until: NOW + 90,
        })
    );
}

#[test]
fn a_workstation_that_is_not_approved_is_refused() {
    let workstation = Workstation::new();
    let claims = workstation.claims(AUDIENCE, BODY, NOW, "0123456789abcdef");
    let assertion = workstation.signed(&workstation.header(), &claims);
    assert_eq!(checked(&assertion, false), Err(Problem::WorkstationUnknown));
}

#[test]
fn an_assertion_is_for_this_address_and_this_body_only() {
    let other = json!("https://broker.example/v1/revoke");
    assert_eq!(with_claim("aud", other), Err(Problem::AssertionAudience));
    let slash = json!("https://broker.example/v1/exchange/");
    assert_eq!(with_claim("aud", slash), Err(Problem::AssertionAudience));
    let body = json!(URL_SAFE_NO_PAD.encode(digest(&SHA256, b"code=another")));
    assert_eq!(with_claim("body_sha256", body), Err(Problem::AssertionBody));
}

#[test]
fn an_assertion_is_good_for_a_minute_and_what_clocks_are_off() {
    let good_at = |iat: i64, exp: i64| {
        let workstation = Workstation::new();
        let mut claims = workstation.claims(AUDIENCE, BODY, NOW, "0123456789abcdef");
        claims["iat"] = iat.into();
        claims["exp"] = exp.into();
        let assertion = workstation.signed(&workstation.header(), &claims);
        checked(&assertion, true).map(drop)
    };
    assert_eq!(good_at(NOW - 90, NOW - 30), Ok(()));
    assert_eq!(good_at(NOW - 91, NOW - 31), Err(Problem::AssertionExpired));
    assert_eq!(good_at(NOW + 30, NOW + 90), Ok(()));
    assert_eq!(
        good_at(NOW + 31, NOW + 91),
        Err(Problem::AssertionNotYetValid)
    );
    for (iat, exp) in [
        (NOW, NOW + 61),
        (NOW, NOW),
        (NOW, NOW - 1),
        (i64::MIN, i64::MAX),
    ] {
        assert_eq!(good_at(iat, exp), Err(Problem::AssertionLifetime));
    }
}

#[test]
fn only_the_key_that_is_named_signs() {
    let workstation = Workstation::new();
    let claims = workstation.claims(AUDIENCE, BODY, NOW, "0123456789abcdef");
    let thief = Workstation::new();
    let stolen = thief.signed(&workstation.header(), &claims);
    assert_eq!(checked(&stolen, true), Err(Problem::AssertionSignature));
    let mut own_key = thief.header();
    own_key["kid"] = json!(workstation.thumbprint);
    let own_key = thief.signed(&own_key, &claims);
    assert_eq!(checked(&own_key, true), Err(Problem::AssertionMalformed));
    assert_eq!(
        with_claim("iss", json!(workstation.thumbprint)),
        Err(Problem::AssertionMalformed)
    );
}

#[test]
fn what_is_not_such_an_assertion_is_refused() {
    for (name, value) in [
        ("alg", json!("none")),
        ("alg", json!("HS256")),
        ("alg", json!("RS256")),
        ("typ", json!("JWT")),
        ("crit", json!(["b64"])),
        (
            "jwk",
            json!({"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}),
        ),
        ("jwk", json!({"kty": "oct", "k": "AA"})),
    ] {
        let refused = with_header(name, value.clone());
        assert_eq!(refused, Err(Problem::AssertionMalformed), "{name} {value}");
    }
    for (name, value) in [
        ("jti", json!("short")),
        ("jti", json!("x".repeat(129))),
        ("jti", json!("0123456789 abcdef")),
        ("iat", json!("1760000000")),
        ("exp", Value::Null),
    ] {
        let refused = with_claim(name, value.clone());
        assert_eq!(refused, Err(Problem::AssertionMalformed), "{name} {value}");
    }
    for odd in ["", ".", "..", "a.b", "a.b.c", &"x".repeat(3000)] {
        assert_eq!(checked(odd, true), Err(Problem::AssertionMalformed));
    }
}
