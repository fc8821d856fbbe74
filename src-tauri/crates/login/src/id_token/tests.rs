use std::time::Duration;

use cardea_session::{LoginMode, PriorSession, Time};
use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::Jwk;
use serde_json::{Value, json};

use super::*;
use crate::testing::{SigningKey, half_hash};
use crate::{AssertionAlg, Secret, Settings};

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

#[test]
fn a_good_token_says_who_signed_in_and_how() {
    let verified = Case::default().check(json!({})).unwrap();
    assert_eq!(verified.subject, "555000000001");
    assert_eq!(verified.sid.as_deref(), Some("sid"));
    assert_eq!(verified.expires_at, at(NOW + 3600));
    assert_eq!(verified.auth_time, at(NOW - 10));
    assert_eq!(verified.methods.amr, ["N3_SMARTCARD"]);
    assert_eq!(verified.methods.acr.as_deref(), Some("AAL3_ANY"));
    assert_eq!(verified.authentication_assurance_level, 3);
    assert_eq!(verified.id_assurance_level, 3);
    assert_eq!(verified.selected_roleid.as_deref(), Some("555000000108"));
    assert!(verified.smartcard);
}

#[test]
fn every_algorithm_on_the_list_is_verified() {
    let rsa = SigningKey::rsa("k");
    for alg in [
        AssertionAlg::Rs256,
        AssertionAlg::Rs512,
        AssertionAlg::Ps256,
    ] {
        let token = rsa.sign(alg, &claims(json!({"at_hash": null, "c_hash": null})));
        assert!(
            Case::default().check_token(&token, &[&rsa]).is_ok(),
            "{alg:?}"
        );
    }
}

#[test]
fn other_algorithms_are_refused_whatever_they_are_signed_with() {
    let rsa = SigningKey::rsa("k");
    for alg in [
        "none", "NONE", "None", "", "HS256", "HS512", "RS384", "ES384", "EdDSA", "rs256",
    ] {
        let header = json!({"alg": alg});
        let token = rsa.sign_with_header(AssertionAlg::Rs256, header, &claims(json!({})));
        let refused = Case::default().check_token(&token, &[&rsa]).err();
        assert_eq!(refused, Some(CheckError::AlgorithmNotAllowed), "{alg}");
        let (unsigned, _) = token.rsplit_once('.').unwrap();
        let refused = Case::default()
            .check_token(&format!("{unsigned}."), &[&rsa])
            .err();
        assert_eq!(refused, Some(CheckError::AlgorithmNotAllowed), "{alg}");
    }
}

#[test]
fn the_public_key_as_a_shared_secret_is_refused() {
    let rsa = SigningKey::rsa("k");
    let public = rsa.jwk()["n"].as_str().unwrap().to_owned();
    let key = jsonwebtoken::EncodingKey::from_secret(public.as_bytes());
    let mut header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256);
    header.kid = Some("k".to_owned());
    let token = jsonwebtoken::encode(&header, &claims(json!({})), &key).unwrap();
    let refused = Case::default().check_token(&token, &[&rsa]).err();
    assert_eq!(refused, Some(CheckError::AlgorithmNotAllowed));
}

#[test]
fn the_algorithm_must_fit_the_kind_of_the_key() {
    let (rsa, p256) = (SigningKey::rsa("k"), SigningKey::p256("k"));
    let token = rsa.sign_with_header(
        AssertionAlg::Rs256,
        json!({"alg": "ES256"}),
        &claims(json!({})),
    );
    let refused = Case::default().check_token(&token, &[&rsa]).err();
    assert_eq!(refused, Some(CheckError::UnknownKey));
    let refused = Case::default().check_token(&token, &[&p256]).err();
    assert_eq!(refused, Some(CheckError::Signature));
}

#[test]
fn the_signature_must_be_by_the_key_that_is_named() {
    let (key, same_name, other) = (
        SigningKey::p256("k"),
        SigningKey::p256("k"),
        SigningKey::p256("other"),
    );
    let token = key.sign(AssertionAlg::Es256, &claims(json!({})));
    let case = Case::default();
    assert!(case.check_token(&token, &[&other, &key]).is_ok());
    assert_eq!(
        case.check_token(&token, &[&other]).err(),
        Some(CheckError::UnknownKey)
    );
    assert_eq!(
        case.check_token(&token, &[&same_name]).err(),
        Some(CheckError::Signature)
    );
    assert_eq!(
        case.check_token(&token, &[]).err(),
        Some(CheckError::UnknownKey)
    );
}

#[test]
fn a_changed_payload_does_not_pass() {
    let key = SigningKey::p256("k");
    let good = key.sign(AssertionAlg::Es256, &claims(json!({})));
    let other = key.sign(AssertionAlg::Es256, &claims(json!({"sub": "555000000002"})));
    let (good, other): (Vec<_>, Vec<_>) = (good.split('.').collect(), other.split('.').collect());
    let mixed = [good[0], other[1], good[2]].join(".");
    let refused = Case::default().check_token(&mixed, &[&key]).err();
    assert_eq!(refused, Some(CheckError::Signature));
}

#[test]
fn what_is_not_a_compact_jws_is_malformed() {
    let key = SigningKey::p256("k");
    let good = key.sign(AssertionAlg::Es256, &claims(json!({})));
    for token in [
        "",
        ".",
        "..",
        "a.b.c",
        "e30.e30.",
        &format!("{good}.x"),
        &format!(" {good}"),
    ] {
        let refused = Case::default().check_token(token, &[&key]).err();
        assert_eq!(refused, Some(CheckError::Malformed), "{token}");
    }
}

#[test]
fn critical_headers_are_not_ignored() {
    let key = SigningKey::p256("k");
    let header = json!({"alg": "ES256", "crit": ["b64"], "b64": false});
    let token = key.sign_with_header(AssertionAlg::Es256, header, &claims(json!({})));
    let refused = Case::default().check_token(&token, &[&key]).err();
    assert_eq!(refused, Some(CheckError::CriticalHeader));
}

#[test]
fn the_issuer_is_compared_byte_for_byte() {
    for other in [
        "https://cis2.example/op",
        "https://cis2.example:443/op/",
        "https://CIS2.example:443/op",
        "",
    ] {
        assert_eq!(error(json!({"iss": other})), CheckError::Issuer, "{other}");
    }
    assert_eq!(error(json!({"iss": null})), CheckError::Missing("iss"));
}

#[test]
fn the_audience_is_us_and_nobody_else() {
    assert!(passes(json!({"aud": ["client"]})));
    assert_eq!(error(json!({"aud": "other"})), CheckError::Audience);
    assert_eq!(error(json!({"aud": []})), CheckError::Audience);
    assert_eq!(
        error(json!({"aud": ["client", "other"]})),
        CheckError::ForeignAudience
    );
    assert_eq!(error(json!({"aud": null})), CheckError::Missing("aud"));
    assert_eq!(error(json!({"aud": 7})), CheckError::Malformed);
}

#[test]
fn the_authorized_party_is_us_when_named() {
    assert!(passes(json!({"azp": null})));
    assert_eq!(error(json!({"azp": "other"})), CheckError::AuthorizedParty);
}

#[test]
fn the_subject_must_be_there() {
    assert_eq!(error(json!({"sub": null})), CheckError::Missing("sub"));
    assert_eq!(error(json!({"sub": ""})), CheckError::Missing("sub"));
}

#[test]
fn a_token_is_good_until_it_expires_give_or_take_the_skew() {
    assert!(passes(json!({"exp": NOW - SKEW + 1})));
    assert_eq!(error(json!({"exp": NOW - SKEW})), CheckError::Expired);
    assert_eq!(error(json!({"exp": null})), CheckError::Missing("exp"));
    assert_eq!(error(json!({"exp": "soon"})), CheckError::Malformed);
    assert!(passes(json!({"exp": 1_760_000_100.5})));
}

#[test]
fn a_token_is_not_from_the_future_give_or_take_the_skew() {
    let with_date = Case {
        provider_date: Some(NOW),
        ..Case::default()
    };
    assert!(passes(json!({"iat": NOW + SKEW})));
    let refused = with_date.check(json!({"iat": NOW + SKEW + 1})).err();
    assert_eq!(refused, Some(CheckError::IssuedInFuture));
    assert_eq!(error(json!({"iat": null})), CheckError::Missing("iat"));
    assert!(passes(json!({"nbf": NOW + SKEW})));
    assert_eq!(
        error(json!({"nbf": NOW + SKEW + 1})),
        CheckError::NotYetValid
    );
}

#[test]
fn times_that_are_all_off_mean_that_a_clock_is_wrong() {
    let shifted =
        |by: i64| json!({"iat": NOW + by, "exp": NOW + by + 3600, "auth_time": NOW + by - 10});
    for by in [-100_000, -4_000, -600, 600, 100_000] {
        for provider_date in [None, Some(NOW + by)] {
            let case = Case {
                provider_date,
                ..Case::default()
            };
            assert_eq!(
                case.check(shifted(by)).err(),
                Some(CheckError::ClockWrong),
                "{by}"
            );
        }
        let with_our_time = Case {
            provider_date: Some(NOW),
            ..Case::default()
        };
        let refused = with_our_time.check(shifted(by)).err();
        assert!(
            refused.is_some_and(|error| error != CheckError::ClockWrong),
            "{by}"
        );
    }
}

#[test]
fn the_nonce_is_ours() {
    assert_eq!(error(json!({"nonce": "other"})), CheckError::Nonce);
    assert_eq!(error(json!({"nonce": null})), CheckError::Missing("nonce"));
}

#[test]
fn the_hashes_fit_when_they_are_there() {
    assert!(passes(json!({"at_hash": null, "c_hash": null})));
    let other = half_hash("other");
    assert_eq!(
        error(json!({"at_hash": other})),
        CheckError::AccessTokenHash
    );
    assert_eq!(error(json!({"c_hash": other})), CheckError::CodeHash);
}

#[test]
fn the_hash_is_that_of_the_algorithm() {
    let rsa = SigningKey::rsa("k");
    let hashes = json!({
        "at_hash": TokenAlg::Rs512.half_hash("access"), "c_hash": TokenAlg::Rs512.half_hash("code"),
    });
    let case = Case::default();
    let good = rsa.sign(AssertionAlg::Rs512, &claims(hashes));
    assert!(case.check_token(&good, &[&rsa]).is_ok());
    let short = rsa.sign(AssertionAlg::Rs512, &claims(json!({})));
    assert_eq!(
        case.check_token(&short, &[&rsa]).err(),
        Some(CheckError::AccessTokenHash)
    );
}

#[test]
fn the_hash_is_the_one_of_the_standards_example() {
    // OpenID Connect Core, appendix A.3 and A.4.
    let access_token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
    assert_eq!(
        TokenAlg::Rs256.half_hash(access_token),
        "77QmUPtjPfzWtF2AnpK9RQ"
    );
    let code = "Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk";
    assert_eq!(TokenAlg::Rs256.half_hash(code), "LDktKdoQak3Pk0cnXxCltA");
}

#[test]
fn a_sign_in_before_the_attempt_does_not_count() {
    assert!(passes(json!({"auth_time": STARTED - SKEW})));
    assert_eq!(
        error(json!({"auth_time": STARTED - SKEW - 1})),
        CheckError::AuthenticatedBefore
    );
    assert_eq!(
        error(json!({"auth_time": null})),
        CheckError::Missing("auth_time")
    );
    assert_eq!(error(json!({"auth_time": "now"})), CheckError::Malformed);
    assert!(passes(json!({"auth_time": NOW + SKEW})));
    assert_eq!(
        error(json!({"auth_time": NOW + SKEW + 1})),
        CheckError::AuthenticatedInFuture
    );
}

#[test]
fn a_sign_in_longer_ago_than_max_age_does_not_count() {
    let strict = Case::with(|settings| settings.max_age = Duration::from_secs(10));
    assert!(strict.check(json!({"auth_time": NOW - 10 - SKEW})).is_ok());
    let refused = strict.check(json!({"auth_time": NOW - 11 - SKEW})).err();
    assert_eq!(refused, Some(CheckError::AuthenticatedLongAgo));
}

#[test]
fn for_a_role_change_the_running_sessions_own_sign_in_is_enough() {
    let hours_ago = NOW - 20_000;
    let changing = |mode, subject: &str| Case {
        mode,
        prior: Some(PriorSession {
            subject: subject.to_owned(),
            auth_time: at(hours_ago),
        }),
        ..Case::default()
    };
    let same = "555000000001";
    let change = changing(LoginMode::ChangeRole, same);
    assert!(change.check(json!({"auth_time": hours_ago})).is_ok());
    for (case, auth_time) in [
        (changing(LoginMode::ChangeRole, same), hours_ago - 1),
        (changing(LoginMode::ChangeRole, "555000000002"), hours_ago),
        (changing(LoginMode::Reauthenticate, same), hours_ago),
    ] {
        let refused = case.check(json!({"auth_time": auth_time})).err();
        assert_eq!(refused, Some(CheckError::AuthenticatedBefore));
    }
}

#[test]
fn assurance_levels_are_numbers_or_strings_and_high_enough() {
    assert!(passes(
        json!({"authentication_assurance_level": 3, "id_assurance_level": 3})
    ));
    assert!(passes(
        json!({"id_assurance_level": null, "idassurancelevel": "3"})
    ));
    let low = |came| CheckError::AuthenticationAssurance { came, wanted: 3 };
    for (value, came) in [
        (json!(2), Some(2)),
        (json!("1"), Some(1)),
        (json!(null), None),
    ] {
        assert_eq!(
            error(json!({"authentication_assurance_level": value})),
            low(came)
        );
    }
    let low = |came| CheckError::IdentityAssurance { came, wanted: 3 };
    for (value, came) in [
        (json!(2), Some(2)),
        (json!("0"), Some(0)),
        (json!(null), None),
    ] {
        assert_eq!(error(json!({"id_assurance_level": value})), low(came));
    }
    for odd in [json!("high"), json!(-1), json!(3.5), json!([3])] {
        assert_eq!(
            error(json!({"id_assurance_level": odd})),
            CheckError::Malformed
        );
    }
    let lower = Case::with(|settings| settings.min_authentication_assurance = 2);
    assert!(
        lower
            .check(json!({"authentication_assurance_level": "2"}))
            .is_ok()
    );
}

#[test]
fn without_smartcard_evidence_a_login_is_refused_where_a_smartcard_is_required() {
    for amr in [
        json!(["pwd"]),
        json!("pwd"),
        json!([]),
        json!(null),
        json!([7]),
        json!({}),
    ] {
        let came = error(json!({"amr": amr}));
        assert!(matches!(came, CheckError::NoSmartcard(_)), "{amr}");
    }
    let shown = error(json!({"amr": ["pwd"], "acr": "AAL2_ANY"})).to_string();
    assert!(shown.contains("amr: pwd; acr: AAL2_ANY"));
    assert!(passes(json!({"amr": "cis2_smartcard"})));
    let optional = Case::with(|settings| settings.require_smartcard = false);
    assert!(!optional.check(json!({"amr": ["pwd"]})).unwrap().smartcard);
    assert!(optional.check(json!({})).unwrap().smartcard);
}

#[test]
fn an_empty_role_is_none() {
    for role in [json!(""), json!(null)] {
        let verified = Case::default()
            .check(json!({"selected_roleid": role}))
            .unwrap();
        assert_eq!(verified.selected_roleid, None);
    }
}

#[test]
fn refusals_name_nobody() {
    let shown: Vec<String> = [
        json!({"sub": 555_000_000_001_u64}),
        json!({"iss": "555000000001"}),
        json!({"nonce": "555000000001"}),
    ]
    .into_iter()
    .map(|changes| format!("{0} {0:?}", error(changes)))
    .collect();
    assert!(!shown.concat().contains("555000000001"));
}
