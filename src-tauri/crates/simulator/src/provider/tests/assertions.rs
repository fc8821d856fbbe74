//! `private_key_jwt`, right and wrong.

use std::sync::LazyLock;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::relying_party::{CLIENT, code, redeem};
use crate::provider::state::{random_id, unix_now};
use crate::provider::{Client, ClientAuth, Endpoint, Provider, ProviderSettings, Seen};

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

static KEY: LazyLock<EncodingKey> = LazyLock::new(|| {
    let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let der = pair.as_der().unwrap();
    let base64 = STANDARD.encode(der.as_ref());
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{base64}\n-----END PRIVATE KEY-----\n");
    EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap()
});

async fn provider() -> Provider {
    let mut jwk = Jwk::from_encoding_key(&KEY, Algorithm::RS512).unwrap();
    jwk.common.key_id = Some("the-key".into());
    let client = Client::with_keys(CLIENT, json!({ "keys": [jwk] }), "RS512");
    Provider::start(ProviderSettings::with_client(client))
        .await
        .unwrap()
}

fn claims(provider: &Provider) -> Value {
    json!({
        "iss": CLIENT, "sub": CLIENT, "aud": provider.endpoint(Endpoint::Token),
        "exp": unix_now() + 300, "iat": unix_now(), "jti": random_id(),
    })
}

fn signed(alg: Algorithm, kid: &str, claims: &Value) -> String {
    let mut header = Header::new(alg);
    header.kid = Some(kid.into());
    jsonwebtoken::encode(&header, claims, &KEY).unwrap()
}

async fn redeem_with(provider: &Provider, assertion: &str) -> (StatusCode, Value) {
    let code = code(provider).await;
    let proof = [
        ("client_secret", ""),
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", assertion),
    ];
    redeem(provider, &code, &proof).await
}

#[tokio::test]
async fn a_good_assertion_is_accepted_once() {
    let provider = provider().await;
    let assertion = signed(Algorithm::RS512, "the-key", &claims(&provider));
    assert_eq!(redeem_with(&provider, &assertion).await.0, StatusCode::OK);
    let client_auth = ClientAuth::PrivateKeyJwt;
    assert!(provider.log().seen.contains(&Seen::Tokens {
        grant: 0,
        client_auth
    }));
    let (status, error) = redeem_with(&provider, &assertion).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert_eq!(error["error"], "invalid_client");
    assert_eq!(error["error_description"], "JWT is not valid");
}

#[tokio::test]
async fn an_assertion_with_one_thing_wrong_is_refused() {
    let provider = provider().await;
    let other_issuer = provider.issuer().to_owned();
    for (name, value) in [
        ("aud", json!(other_issuer)),
        (
            "aud",
            json!(format!("{}/", provider.endpoint(Endpoint::Token))),
        ),
        (
            "aud",
            json!([provider.endpoint(Endpoint::Token), "https://other.example"]),
        ),
        ("iss", json!("another-client")),
        ("sub", json!("another-client")),
        ("exp", json!(unix_now() - 1)),
        ("exp", json!(unix_now() + 3_600)),
        ("jti", Value::Null),
    ] {
        let mut claims = claims(&provider);
        claims[name] = value.clone();
        let assertion = signed(Algorithm::RS512, "the-key", &claims);
        let (status, _) = redeem_with(&provider, &assertion).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{name} = {value}");
    }
}

#[tokio::test]
async fn an_assertion_with_another_alg_or_key_is_refused() {
    let provider = provider().await;
    for assertion in [
        signed(Algorithm::RS256, "the-key", &claims(&provider)),
        signed(Algorithm::RS512, "another-key", &claims(&provider)),
    ] {
        let (status, _) = redeem_with(&provider, &assertion).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn a_client_with_keys_cannot_use_a_secret() {
    let provider = provider().await;
    let code = code(&provider).await;
    let (status, _) = redeem(&provider, &code, &[]).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
}
