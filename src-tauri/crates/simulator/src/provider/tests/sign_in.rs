//! Good sign-ins, and those that the people or the client spoil.

use http::StatusCode;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::Value;

use super::relying_party::{
    CLIENT, LIMIT, SECRET, authorize, code, decoded, get, json, merged, parameters, post, provider,
    redeem, tokens, user_info,
};
use crate::browser::{self, BrowseError, SignIn};
use crate::provider::{ClientAuth, Endpoint, Provider, Seen, Step};

#[tokio::test]
async fn discovery_names_the_issuer_and_every_endpoint_with_the_port() {
    let provider = provider().await;
    let (_, document) = json(get(&provider.endpoint(Endpoint::Discovery)).await).await;
    let issuer = format!(
        "http://127.0.0.1:{}/openam/oauth2/realms/root/realms/NHSIdentity/realms/Healthcare",
        provider.port()
    );
    assert_eq!(document["issuer"], issuer);
    for (name, suffix) in [
        ("authorization_endpoint", "/authorize"),
        ("token_endpoint", "/access_token"),
        ("userinfo_endpoint", "/userinfo"),
        ("jwks_uri", "/connect/jwk_uri"),
        ("end_session_endpoint", "/connect/endSession"),
        ("revocation_endpoint", "/token/revoke"),
    ] {
        assert_eq!(document[name], format!("{issuer}{suffix}"));
    }
}

#[tokio::test]
async fn the_nurse_signs_in_and_the_client_cleans_up() {
    let provider = provider().await;
    let callback = browser::sign_in_without_return(
        &authorize(&provider, &[]),
        &SignIn::of(&provider.people()[0]),
    )
    .await
    .unwrap();
    let query = parameters(&callback);
    assert_eq!(query["state"], "the-state");
    assert_eq!(query["iss"], provider.issuer());
    assert_eq!(query["client_id"], CLIENT);

    let (_, tokens) = redeem(&provider, query["code"].as_str().unwrap(), &[]).await;
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["nonce"], "the-nonce");
    let claims = verified(&provider, tokens["id_token"].as_str().unwrap()).await;
    assert_eq!(claims["iss"], provider.issuer());
    assert_eq!(claims["aud"], CLIENT);
    assert_eq!(claims["nonce"], "the-nonce");
    assert_eq!(claims["selected_roleid"], "555000000108");
    assert_eq!(claims["authentication_assurance_level"], "3");
    assert_eq!(claims["amr"], serde_json::json!(["N3_SMARTCARD"]));

    let access_token = tokens["access_token"].as_str().unwrap();
    let (status, user) = user_info(&provider, access_token).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(user["sub"], claims["sub"]);
    assert_eq!(user["name"], "Flo Nurse");

    let proof = [("client_id", CLIENT), ("client_secret", SECRET)];
    let form = merged(&proof, &[("token", access_token)]);
    post(&provider.endpoint(Endpoint::Revocation), &form).await;
    assert_eq!(
        user_info(&provider, access_token).await.0,
        StatusCode::UNAUTHORIZED
    );
    assert!(!provider.log().cleaned_up());
    let hint = tokens["id_token"].as_str().unwrap();
    let end = provider.endpoint(Endpoint::EndSession);
    let ended = get(&format!("{end}?id_token_hint={hint}")).await;
    assert_eq!(ended.status(), StatusCode::NO_CONTENT);
    let log = provider
        .wait_for(LIMIT, |log| log.cleaned_up())
        .await
        .unwrap();
    assert_eq!(log.grants(), 1);
    let client_auth = ClientAuth::ClientSecretPost;
    assert!(log.seen.contains(&Seen::Tokens {
        grant: 0,
        client_auth
    }));
    for secret in [access_token, hint] {
        assert!(provider.issued().iter().any(|issued| issued == secret));
    }
}

#[tokio::test]
async fn who_has_several_roles_is_asked_which() {
    let provider = provider().await;
    let gp = SignIn {
        role: Some("555000000218".into()),
        ..SignIn::of(&provider.people()[1])
    };
    let address = authorize(&provider, &[]);
    let callback = browser::sign_in_without_return(&address, &gp)
        .await
        .unwrap();
    let code = parameters(&callback)["code"].as_str().unwrap().to_owned();
    let (_, tokens) = redeem(&provider, &code, &[]).await;
    let (_, claims) = decoded(tokens["id_token"].as_str().unwrap());
    assert_eq!(claims["selected_roleid"], "555000000218");
}

#[tokio::test]
async fn who_has_no_role_or_is_not_asked_has_none_selected() {
    let provider = provider().await;
    let without_scope = [("scope", "openid nationalrbacaccess")];
    for (person, changed) in [(2, [].as_slice()), (1, without_scope.as_slice())] {
        let who = SignIn::of(&provider.people()[person]);
        let address = authorize(&provider, changed);
        let callback = browser::sign_in_without_return(&address, &who)
            .await
            .unwrap();
        let code = parameters(&callback)["code"].as_str().unwrap().to_owned();
        let (_, tokens) = redeem(&provider, &code, &[]).await;
        let (_, claims) = decoded(tokens["id_token"].as_str().unwrap());
        assert_eq!(claims.get("selected_roleid"), None);
    }
}

#[tokio::test]
async fn a_wrong_pin_is_said_and_can_be_mended() {
    let provider = provider().await;
    let who = SignIn {
        pin: "4321".into(),
        ..SignIn::of(&provider.people()[0])
    };
    let address = authorize(&provider, &[]);
    let refused = browser::sign_in_without_return(&address, &who).await;
    assert!(
        matches!(refused, Err(BrowseError::SignInRefused)),
        "{refused:?}"
    );
    assert_eq!(
        provider
            .log()
            .count(|seen| matches!(seen, Seen::SignedIn { .. })),
        0
    );
}

#[tokio::test]
async fn cancel_sends_the_browser_back_with_access_denied() {
    let provider = provider().await;
    // Nobody listens at the redirect address here; that it was tried shows in the log.
    let _ = browser::cancel(&authorize(&provider, &[])).await;
    let error = "access_denied".to_owned();
    assert!(provider.log().seen.contains(&Seen::SentBack { error }));
}

#[tokio::test]
async fn an_unknown_client_or_address_is_not_redirected() {
    let provider = provider().await;
    for changed in [
        ("redirect_uri", "http://localhost:28117/other"),
        ("redirect_uri", "http://localhost:28118/callback"),
        ("client_id", "nobody"),
    ] {
        let answer = get(&authorize(&provider, &[changed])).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{changed:?}");
    }
}

#[tokio::test]
async fn requests_it_does_not_support_are_sent_back_with_the_error() {
    let provider = provider().await;
    for (changed, error) in [
        (("response_type", "id_token"), "unsupported_response_type"),
        (("scope", "profile"), "invalid_scope"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("prompt", "none"), "login_required"),
    ] {
        let answer = get(&authorize(&provider, &[changed])).await;
        let location = answer.headers()["location"].to_str().unwrap();
        let query = parameters(location);
        assert_eq!(query["error"], error);
        assert_eq!(query["state"], "the-state");
        assert_eq!(query["iss"], provider.issuer());
    }
}

#[tokio::test]
async fn a_code_is_good_once() {
    let provider = provider().await;
    let code = code(&provider).await;
    assert_eq!(redeem(&provider, &code, &[]).await.0, StatusCode::OK);
    let (status, error) = redeem(&provider, &code, &[]).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(error["error"], "invalid_grant");
}

#[tokio::test]
async fn a_code_is_bound_to_verifier_and_redirect_address() {
    let provider = provider().await;
    for changed in [
        (
            "code_verifier",
            "another-verifier-of-at-least-43-characters-0",
        ),
        ("code_verifier", ""),
        ("redirect_uri", "http://localhost:28217/callback"),
    ] {
        let code = code(&provider).await;
        let (status, error) = redeem(&provider, &code, &[changed]).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{changed:?}");
        assert_eq!(error["error"], "invalid_grant");
    }
    assert_eq!(provider.log().grants(), 0);
}

#[tokio::test]
async fn without_a_challenge_no_verifier_is_wanted() {
    let provider = provider().await;
    let off = [("code_challenge", ""), ("code_challenge_method", "")];
    let nurse = SignIn::of(&provider.people()[0]);
    let address = authorize(&provider, &off);
    let callback = browser::sign_in_without_return(&address, &nurse)
        .await
        .unwrap();
    let code = parameters(&callback)["code"].as_str().unwrap().to_owned();
    let (status, _) = redeem(&provider, &code, &[("code_verifier", "")]).await;
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn a_wrong_secret_is_refused_and_uses_no_code_up() {
    let provider = provider().await;
    let code = code(&provider).await;
    let (status, error) = redeem(&provider, &code, &[("client_secret", "wrong")]).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert_eq!(error["error"], "invalid_client");
    assert_eq!(redeem(&provider, &code, &[]).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_rotated_key_is_published_and_signs() {
    let provider = provider().await;
    let before = tokens(&provider).await;
    provider.rotate_key().unwrap();
    let after = tokens(&provider).await;
    let kid = |tokens: &Value| decoded(tokens["id_token"].as_str().unwrap()).0["kid"].clone();
    assert_ne!(kid(&before), kid(&after));
    verified(&provider, after["id_token"].as_str().unwrap()).await;
}

#[tokio::test]
async fn a_held_token_call_has_given_its_tokens_out() {
    let provider = provider().await;
    let code = code(&provider).await;
    let mut hold = provider.hold(Step::Token);
    let redeeming = redeem(&provider, &code, &[]);
    tokio::pin!(redeeming);
    tokio::select! {
        answer = &mut redeeming => panic!("answered while held: {answer:?}"),
        () = hold.reached() => {}
    }
    assert_eq!(provider.log().grants(), 1);
    hold.release();
    assert_eq!(redeeming.await.0, StatusCode::OK);
}

/// The claims of an ID token that the published keys sign.
async fn verified(provider: &Provider, token: &str) -> Value {
    let (_, keys) = json(get(&provider.endpoint(Endpoint::Jwks)).await).await;
    let keys: JwkSet = serde_json::from_value(keys).unwrap();
    let kid = jsonwebtoken::decode_header(token).unwrap().kid.unwrap();
    let key = DecodingKey::from_jwk(keys.find(&kid).unwrap()).unwrap();
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_audience(&[CLIENT]);
    jsonwebtoken::decode(token, &key, &validation)
        .unwrap()
        .claims
}
