//! UserInfo as a provider signs it, good and bad.

use super::*;
use crate::testing::{SigningKey, change};
use crate::{AssertionAlg, Settings};

pub(super) const NOW: i64 = 1_760_000_000;
pub(super) const ISSUER: &str = "https://cis2.example:443/op";

fn now() -> Time {
    Time::from_unix(NOW).unwrap()
}

/// What the provider says in a signed answer, with `changes`; "-" takes a claim out.
pub(super) fn claims(changes: Value) -> Value {
    let mut claims = document(json!({"iss": ISSUER, "aud": "client"}));
    change(&mut claims, &changes);
    claims
}

/// Reads a token as the whole of it is read, but for where the keys come from.
pub(super) fn read(token: &str, key: &SigningKey) -> Result<User, CheckError> {
    let settings = Settings {
        issuer: ISSUER.to_owned(),
        client_id: "client".to_owned(),
        ..Settings::default()
    };
    let jws = Jws::parse(token)?;
    let keys = jws.key_wanted().among(&[key.public()]);
    let document = super::super::signed::document(&jws, &keys, &settings, now())?;
    user(&document, &id_token(None))
}

fn read_claims(changes: Value) -> Result<User, CheckError> {
    let key = SigningKey::p256("k");
    read(&key.sign(AssertionAlg::Es256, &claims(changes)), &key)
}

#[test]
fn signed_userinfo_says_what_plain_userinfo_says() {
    let read = read_claims(json!({})).unwrap();
    assert_eq!(read, user(&document(json!({})), &id_token(None)).unwrap());
    assert!(read_claims(json!({"aud": ["client"], "exp": NOW + 60})).is_ok());
}

#[test]
fn signed_userinfo_is_by_this_provider_for_us_and_about_the_user() {
    for (changes, error) in [
        (
            json!({"iss": "https://cis2.example/op"}),
            CheckError::Issuer,
        ),
        (json!({"iss": "-"}), CheckError::Missing("iss")),
        (json!({"aud": "other"}), CheckError::Audience),
        (
            json!({"aud": ["client", "other"]}),
            CheckError::ForeignAudience,
        ),
        (json!({"aud": "-"}), CheckError::Missing("aud")),
        (json!({"sub": "555000000002"}), CheckError::OtherSubject),
        (json!({"sub": "-"}), CheckError::Missing("sub of UserInfo")),
        (json!({"exp": NOW - 60}), CheckError::Expired),
        (json!({"exp": "soon"}), CheckError::Malformed),
    ] {
        assert_eq!(read_claims(changes.clone()), Err(error), "{changes}");
    }
}

#[test]
fn signed_userinfo_is_signed_by_an_algorithm_of_our_list_and_the_providers_key() {
    let (key, stranger) = (SigningKey::p256("k"), SigningKey::p256("k"));
    let claims = claims(json!({}));
    let forged = stranger.sign(AssertionAlg::Es256, &claims);
    assert_eq!(read(&forged, &key), Err(CheckError::Signature));
    for alg in ["none", "HS256", "RS384"] {
        let header = json!({"alg": alg});
        let token = key.sign_with_header(AssertionAlg::Es256, header, &claims);
        assert_eq!(read(&token, &key), Err(CheckError::AlgorithmNotAllowed));
    }
}
