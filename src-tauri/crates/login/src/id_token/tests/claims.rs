//! What is claimed.

use super::*;
use crate::clock::ClockDifference;

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
            let theirs = Time::from_unix(NOW + by).unwrap();
            let difference = ClockDifference::between(Time::from_unix(NOW).unwrap(), theirs);
            assert_eq!(
                case.check(shifted(by)).err(),
                Some(CheckError::ClockWrong(difference)),
                "{by}"
            );
        }
        let with_our_time = Case {
            provider_date: Some(NOW),
            ..Case::default()
        };
        let refused = with_our_time.check(shifted(by)).err();
        assert!(
            refused.is_some_and(|error| !matches!(error, CheckError::ClockWrong(_))),
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
