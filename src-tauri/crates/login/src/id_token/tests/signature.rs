//! Who signed, and how.

use super::*;

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
fn a_payload_that_is_no_text_is_refused_also_where_nobody_looks() {
    let key = SigningKey::p256("k");
    let good = claims(json!({"unused": "\u{fc}"})).to_string().into_bytes();
    let at = good.windows(2).position(|two| two == "\u{fc}".as_bytes());
    let mut odd = good.clone();
    odd.remove(at.unwrap());
    let header = json!({"alg": "ES256", "kid": "k"});
    for (payload, expected) in [(good, None), (odd, Some(CheckError::Malformed))] {
        let token = key.sign_payload(AssertionAlg::Es256, &header, &payload);
        assert_eq!(Case::default().check_token(&token, &[&key]).err(), expected);
    }
}
