//! Each fault does what it says, and nothing more.

use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};

use super::relying_party::{
    CLIENT, LIMIT, authorize, decoded, get, json as json_of, parameters, provider, tokens,
    try_send, user_info,
};
use crate::browser::{self, SignIn};
use crate::provider::state::unix_now;
use crate::provider::{
    AnswerFault, CallbackFault, DiscoveryFault, Endpoint, Fault, IdTokenFault, Provider, Seen,
    UserInfoFault,
};

/// The ID token's header and claims with this fault on.
async fn id_token(provider: &Provider, fault: IdTokenFault) -> (Value, Value) {
    provider.clear_faults();
    provider.add_fault(Fault::IdToken(fault));
    decoded(tokens(provider).await["id_token"].as_str().unwrap())
}

#[tokio::test]
async fn wrong_claims_are_wrong_in_that_claim() {
    let provider = provider().await;
    let issuer = format!("{}/", provider.issuer());
    let other = "another-client.apps.simulated";
    for (fault, name, value) in [
        (IdTokenFault::WrongIssuer, "iss", json!(issuer)),
        (IdTokenFault::WrongAudience, "aud", json!(other)),
        (IdTokenFault::SecondAudience, "aud", json!([CLIENT, other])),
        (IdTokenFault::WrongAuthorisedParty, "azp", json!(other)),
        (
            IdTokenFault::LowAuthenticationAssurance,
            "authentication_assurance_level",
            json!("2"),
        ),
        (
            IdTokenFault::LowIdentityAssurance,
            "id_assurance_level",
            json!("1"),
        ),
        (IdTokenFault::NoSmartcard, "amr", json!(["pwd"])),
        (IdTokenFault::With("acr".into(), json!(3)), "acr", json!(3)),
        (IdTokenFault::Without("sid".into()), "sid", Value::Null),
    ] {
        let (_, claims) = id_token(&provider, fault.clone()).await;
        assert_eq!(claims[name], value, "{fault:?}");
        assert_eq!(claims["sub"], "555000000001", "{fault:?}");
    }
}

#[tokio::test]
async fn wrong_times_are_off_by_more_than_any_skew() {
    let provider = provider().await;
    let time = |claims: &Value, name: &str| claims[name].as_i64().unwrap();
    let (_, claims) = id_token(&provider, IdTokenFault::Expired).await;
    assert!(time(&claims, "exp") < unix_now() - 300);
    let (_, claims) = id_token(&provider, IdTokenFault::IssuedInTheFuture).await;
    assert!(time(&claims, "iat") > unix_now() + 300);
    let (_, claims) = id_token(&provider, IdTokenFault::AuthTimeStale).await;
    assert!(time(&claims, "auth_time") < unix_now() - 300);
    let before = unix_now();
    let (_, claims) = id_token(&provider, IdTokenFault::AuthTimeBeforeAttempt).await;
    let early = before - time(&claims, "auth_time");
    assert!((61..300).contains(&early), "{early}");
}

#[tokio::test]
async fn wrong_signatures_are_wrong_in_the_header_or_the_signature() {
    let provider = provider().await;
    let (good, _) = decoded(tokens(&provider).await["id_token"].as_str().unwrap());
    for (fault, alg, same_kid) in [
        (IdTokenFault::AlgNone, "none", true),
        (IdTokenFault::HmacWithPublicKey, "HS256", true),
        (IdTokenFault::BadSignature, "RS256", true),
        (IdTokenFault::UnknownKeyId, "RS256", false),
    ] {
        let (header, _) = id_token(&provider, fault.clone()).await;
        assert_eq!(header["alg"], alg, "{fault:?}");
        assert_eq!(header["kid"] == good["kid"], same_kid, "{fault:?}");
    }
}

#[tokio::test]
async fn the_callback_is_wrong_as_asked() {
    let provider = provider().await;
    let nurse = SignIn::of(&provider.people()[0]);
    for (fault, name, value) in [
        (
            CallbackFault::AccessDenied,
            "error",
            Some("access_denied".to_owned()),
        ),
        (
            CallbackFault::WrongState,
            "state",
            Some("another-state".to_owned()),
        ),
        (
            CallbackFault::WrongIssuer,
            "iss",
            Some(format!("{}/", provider.issuer())),
        ),
        (CallbackFault::NoIssuer, "iss", None),
    ] {
        provider.clear_faults();
        provider.add_fault(Fault::Callback(fault));
        let address = authorize(&provider, &[]);
        let callback = browser::sign_in_without_return(&address, &nurse)
            .await
            .unwrap();
        let query = parameters(&callback);
        assert_eq!(query.get(name).and_then(Value::as_str), value.as_deref());
    }
}

#[tokio::test]
async fn discovery_and_user_info_are_wrong_as_asked() {
    let provider = provider().await;
    provider.add_fault(Fault::Discovery(DiscoveryFault::IssuerDiffersByOneByte));
    provider.add_fault(Fault::UserInfo(UserInfoFault::SubjectDiffers));
    provider.add_fault(Fault::UserInfo(UserInfoFault::Without("name".into())));
    let (_, document) = json_of(get(&provider.endpoint(Endpoint::Discovery)).await).await;
    assert_eq!(document["issuer"], format!("{}/", provider.issuer()));
    let tokens = tokens(&provider).await;
    let (_, user) = user_info(&provider, tokens["access_token"].as_str().unwrap()).await;
    assert_eq!(user["sub"], "555000000999");
    assert_eq!(user.get("name"), None);
}

#[tokio::test]
async fn a_redirecting_endpoint_answers_whoever_follows_and_tells() {
    let provider = provider().await;
    let endpoint = Endpoint::Discovery;
    provider.add_fault(Fault::Answer(endpoint, AnswerFault::Redirects));
    let answer = get(&provider.endpoint(endpoint)).await;
    assert_eq!(answer.status(), StatusCode::FOUND);
    let followed = get(answer.headers()["location"].to_str().unwrap()).await;
    assert_eq!(followed.status(), StatusCode::OK);
    assert!(
        provider
            .log()
            .seen
            .contains(&Seen::RedirectFollowed { endpoint })
    );
}

#[tokio::test]
async fn any_endpoint_can_fail() {
    let provider = provider().await;
    for endpoint in Endpoint::ALL {
        provider.add_fault(Fault::Answer(endpoint, AnswerFault::ServerError));
        let answer = get(&provider.endpoint(endpoint)).await;
        assert_eq!(
            answer.status(),
            StatusCode::INTERNAL_SERVER_ERROR,
            "{endpoint:?}"
        );
    }
}

#[tokio::test]
async fn contents_can_be_cut_mislabelled_or_endless() {
    let provider = provider().await;
    let address = provider.endpoint(Endpoint::Jwks);
    let turn_on = |fault| {
        provider.clear_faults();
        provider.add_fault(Fault::Answer(Endpoint::Jwks, fault));
    };
    turn_on(AnswerFault::Truncated);
    let cut = get(&address)
        .await
        .into_body()
        .collect()
        .await
        .unwrap()
        .to_bytes();
    assert!(serde_json::from_slice::<Value>(&cut).is_err());

    turn_on(AnswerFault::WrongContentType);
    let mislabelled = get(&address).await;
    assert_eq!(
        mislabelled.headers()["content-type"],
        "text/html; charset=utf-8"
    );
    assert!(json_of(mislabelled).await.1["keys"].is_array());

    turn_on(AnswerFault::Huge);
    let mut body = get(&address).await.into_body();
    let mut size = 0;
    while let Some(frame) = body.frame().await {
        size += frame.unwrap().into_data().unwrap().len();
    }
    assert!(size > 100_000_000, "{size}");
}

#[tokio::test]
async fn a_hanging_endpoint_answers_nothing_until_the_end() {
    let provider = provider().await;
    provider.add_fault(Fault::Answer(Endpoint::Jwks, AnswerFault::Hangs));
    let address = provider.endpoint(Endpoint::Jwks);
    let asking = try_send(&address, Request::get(&address), String::new());
    let later = async {
        get(&provider.endpoint(Endpoint::Discovery)).await;
        provider.stop().await;
    };
    let ((answer, _), ()) = tokio::join!(asking, later);
    assert!(answer.is_err());
}

#[tokio::test]
async fn a_half_hanging_endpoint_sends_half() {
    let provider = provider().await;
    provider.add_fault(Fault::Answer(Endpoint::Jwks, AnswerFault::HangsHalfway));
    let mut body = get(&provider.endpoint(Endpoint::Jwks)).await.into_body();
    let half = tokio::time::timeout(LIMIT, body.frame()).await.unwrap();
    assert!(half.unwrap().unwrap().is_data());
    let (rest, ()) = tokio::join!(body.frame(), provider.stop());
    assert!(rest.unwrap().is_err());
}
