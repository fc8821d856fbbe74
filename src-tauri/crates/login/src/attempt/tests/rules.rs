//! What providers differ in, and what the settings say of it.

use super::*;

#[tokio::test]
async fn a_discovery_document_is_kept_for_an_hour_and_no_longer() {
    let (provider, bench) = bench(Faults::default()).await;
    drop(granted(bench.attempt().await));
    advance(Duration::from_secs(60 * 60 - 1)).await;
    drop(granted(bench.attempt().await));
    assert_eq!(provider.calls(Step::Discovery).len(), 1);
    advance(Duration::from_secs(1)).await;
    drop(granted(bench.attempt().await));
    assert_eq!(provider.calls(Step::Discovery).len(), 2);
}

#[tokio::test]
async fn a_discovery_document_needs_no_optional_member() {
    let needed = [
        "issuer",
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "jwks_uri",
    ];
    let only_needed: Change = Box::new(move |document| {
        let members = document.as_object_mut().unwrap();
        members.retain(|name, _| needed.contains(&name.as_str()));
    });
    let (provider, bench) = bench(Faults {
        discovery: Some(only_needed),
        // Nor is `iss` in the redirect demanded of who does not announce it (RFC 9207).
        redirect: take("iss"),
        ..Faults::default()
    })
    .await;
    let (_, tokens, _) = granted(bench.attempt().await);
    bench.party.clean_up(tokens).await;
    assert!(provider.calls(Step::EndSession).is_empty());
    assert!(provider.calls(Step::Revocation).is_empty());
    for odd in [json!(null), json!(["x"])] {
        let (_provider, bench) = super::bench(Faults {
            discovery: set("claims_supported", odd),
            ..Faults::default()
        })
        .await;
        drop(granted(bench.attempt().await));
    }
}

#[tokio::test]
async fn without_pkce_neither_challenge_nor_verifier_is_sent() {
    let provider = TestProvider::start(Faults::default()).await;
    let settings = Settings {
        pkce: crate::Pkce::Off,
        ..provider.settings()
    };
    drop(granted(Bench::new(settings).await.attempt().await));
    let asked = provider.called(Step::Authorize).await.fields;
    assert!(!asked.contains_key("code_challenge"));
    assert!(!asked.contains_key("code_challenge_method"));
    let exchanged = provider.called(Step::Token).await.fields;
    assert!(!exchanged.contains_key("code_verifier"));
}

#[tokio::test]
async fn a_secret_goes_in_the_header_where_the_settings_say_so() {
    let provider = TestProvider::start(Faults::default()).await;
    let settings = Settings {
        client_auth: ClientAuth::ClientSecretBasic,
        ..provider.settings()
    };
    let bench = Bench::new(settings).await;
    let (_, tokens, _) = granted(bench.attempt().await);
    bench.party.clean_up(tokens).await;
    for step in [Step::Token, Step::Revocation] {
        let call = provider.called(step).await;
        // "test-client:hush"
        let sent = call.bearer.as_deref();
        assert_eq!(sent, Some("Basic dGVzdC1jbGllbnQ6aHVzaA=="), "{step:?}");
        for field in ["client_id", "client_secret", "client_assertion"] {
            assert!(!call.fields.contains_key(field), "{field} at {step:?}");
        }
    }
}

#[tokio::test]
async fn the_audience_of_an_assertion_is_the_token_endpoint_exactly_as_discovered() {
    let as_written: Change = Box::new(|document| {
        let endpoint = document["token_endpoint"].as_str().unwrap();
        // Every library would write this address in another way.
        document["token_endpoint"] = endpoint.replace("/op/", "/op/./").into();
    });
    let provider = TestProvider::start(Faults {
        discovery: Some(as_written),
        ..Faults::default()
    })
    .await;
    let settings = Settings {
        client_auth: ClientAuth::PrivateKeyJwt,
        assertion_alg: AssertionAlg::Es256,
        ..provider.settings()
    };
    let endpoint = format!("{}/./access_token", settings.issuer);
    let keystore: Arc<dyn Keystore> = Arc::new(MemoryKeystore::default());
    let request = KeyRequest {
        alg: AssertionAlg::Es256,
        kind: Some(KeyKind::P256),
        scope: KeyScope::User,
        home: WantedHome::Safest,
    };
    let credentials = Credentials::new(Arc::clone(&keystore));
    credentials
        .create_key(request, SystemClock.now())
        .await
        .unwrap();
    let bench = Bench::with_keystore(settings, keystore);
    let (_, tokens, _) = granted(bench.attempt().await);
    bench.party.clean_up(tokens).await;
    for step in [Step::Token, Step::Revocation] {
        let assertion = provider.called(step).await.fields["client_assertion"].clone();
        let claims = jsonwebtoken::dangerous::insecure_decode::<Value>(&assertion).unwrap();
        assert_eq!(claims.claims["aud"], endpoint.as_str(), "{step:?}");
    }
}

#[tokio::test]
async fn userinfo_may_be_signed_and_is_then_verified() {
    let signed = |userinfo| Faults {
        signs_userinfo: true,
        userinfo,
        ..Faults::default()
    };
    let (provider, good) = bench(signed(None)).await;
    let (identity, ..) = granted(good.attempt().await);
    assert!(identity.user.selected_role().is_some());
    assert_eq!(provider.calls(Step::Keys).len(), 1);
    for userinfo in [
        set("iss", json!("https://other.example")),
        set("aud", json!("other")),
        set("sub", json!("555000000002")),
        take("iss"),
        take("aud"),
    ] {
        let (provider, bad) = bench(signed(userinfo)).await;
        assert_eq!(
            bad.fails_with_tokens().await,
            FailureCode::ProviderResponseInvalid
        );
        assert_eq!(provider.calls(Step::UserInfo).len(), 1);
    }
}
