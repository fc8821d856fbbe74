//! Providers that refuse or misbehave.

use super::*;

#[tokio::test]
async fn a_refusal_by_the_provider_is_a_refused_login() {
    let (provider, mut bench) = bench(Faults {
        redirect: Some(Box::new(|answer| {
            answer.as_object_mut().unwrap().remove("code");
            answer["error"] = "access_denied".into();
        })),
        ..Faults::default()
    })
    .await;
    assert_eq!(
        bench.fails_without_tokens().await,
        FailureCode::LoginRefused
    );
    assert!(
        bench
            .seen
            .recv()
            .await
            .unwrap()
            .page
            .contains("login_refused")
    );
    assert!(provider.calls(Step::Token).is_empty());
}

#[tokio::test]
async fn a_redirect_by_another_provider_is_refused() {
    for redirect in [set("iss", json!("https://other.example")), take("iss")] {
        let faults = Faults {
            redirect,
            ..Faults::default()
        };
        let (provider, bench) = bench(faults).await;
        assert_eq!(
            bench.fails_without_tokens().await,
            FailureCode::ProviderResponseInvalid
        );
        assert!(provider.calls(Step::Token).is_empty());
    }
}

#[tokio::test]
async fn a_wrong_state_does_not_end_the_attempt() {
    let (provider, mut bench) = bench(Faults {
        redirect: set("state", json!("somebody-elses")),
        ..Faults::default()
    })
    .await;
    let seen = std::mem::replace(&mut bench.seen, mpsc::channel(1).1);
    let visits = async {
        let mut seen = seen;
        let first = seen.recv().await.unwrap();
        assert!(first.page.contains("not part of signing in"));
        provider.set_faults(Faults::default());
        let address = bench.address.current().unwrap();
        TestBrowser::visit(address.expose()).await
    };
    let attempt = async {
        let (.., answer) = granted(bench.attempt().await);
        answer.signed_in();
    };
    let (second, ()) = tokio::join!(visits, attempt);
    assert!(second.page.contains("You are signed in"));
}

#[tokio::test]
async fn a_provider_that_hangs_is_unreachable() {
    for (step, gives_tokens) in [
        (Step::Discovery, false),
        (Step::Token, false),
        (Step::Keys, true),
        (Step::UserInfo, true),
    ] {
        let (provider, bench) = bench(held(step)).await;
        let passes = async {
            provider.called(step).await;
            advance(Duration::from_secs(15)).await;
        };
        let (finished, ()) = tokio::join!(bench.attempt(), passes);
        let (failure, tokens) = failure(finished);
        assert_eq!(failure.code, FailureCode::ProviderUnreachable, "{step:?}");
        assert_eq!(tokens.is_some(), gives_tokens, "{step:?}");
    }
}

#[tokio::test]
async fn tokens_of_a_login_that_failed_a_check_are_given_back() {
    for (faults, code) in [
        (
            Faults {
                claims: set("nonce", json!("other")),
                ..Faults::default()
            },
            FailureCode::ProviderResponseInvalid,
        ),
        (
            Faults {
                claims: set("authentication_assurance_level", json!("2")),
                ..Faults::default()
            },
            FailureCode::AssuranceTooLow,
        ),
        (
            Faults {
                claims: set("amr", json!(["pwd"])),
                ..Faults::default()
            },
            FailureCode::SmartcardRequired,
        ),
        (
            Faults {
                userinfo: set("sub", json!("555000000002")),
                ..Faults::default()
            },
            FailureCode::ProviderResponseInvalid,
        ),
        (
            Faults {
                token_answer: take("id_token"),
                ..Faults::default()
            },
            FailureCode::ProviderResponseInvalid,
        ),
        (
            Faults {
                token_answer: set("token_type", json!("DPoP")),
                ..Faults::default()
            },
            FailureCode::ProviderResponseInvalid,
        ),
        (
            Faults {
                token_answer: set("token_type", json!(5)),
                ..Faults::default()
            },
            FailureCode::ProviderResponseInvalid,
        ),
        (
            instead(Step::Keys, 500, ""),
            FailureCode::ProviderResponseInvalid,
        ),
        (
            instead(Step::UserInfo, 503, ""),
            FailureCode::ProviderUnreachable,
        ),
        (
            instead(Step::UserInfo, 200, "{\"sub\":"),
            FailureCode::ProviderResponseInvalid,
        ),
    ] {
        let (provider, bench) = bench(faults).await;
        assert_eq!(bench.fails_with_tokens().await, code);
        assert_eq!(provider.calls(Step::Revocation).len(), 1);
    }
}

#[tokio::test]
async fn answers_that_are_no_answers_are_told_apart() {
    let huge = vec![b' '; 2 * 1024 * 1024];
    for (faults, code) in [
        (
            instead(Step::Discovery, 500, ""),
            FailureCode::ProviderResponseInvalid,
        ),
        (
            instead(Step::Discovery, 503, ""),
            FailureCode::ProviderUnreachable,
        ),
        (
            instead(Step::Discovery, 302, ""),
            FailureCode::ProviderResponseInvalid,
        ),
        (
            instead(Step::Discovery, 200, "{\"issuer\":"),
            FailureCode::ProviderResponseInvalid,
        ),
        (
            instead(Step::Discovery, 200, huge.clone()),
            FailureCode::ProviderResponseInvalid,
        ),
        (
            instead(Step::Token, 200, huge),
            FailureCode::ProviderResponseInvalid,
        ),
        (
            instead(Step::Token, 307, ""),
            FailureCode::ProviderResponseInvalid,
        ),
        (
            instead(Step::Token, 200, "{\"access"),
            FailureCode::ProviderResponseInvalid,
        ),
        (
            instead(Step::Token, 401, "no"),
            FailureCode::ProviderRejectedClient,
        ),
        (
            instead(Step::Token, 400, r#"{"error":"invalid_client"}"#),
            FailureCode::ProviderRejectedClient,
        ),
        (
            instead(Step::Token, 400, r#"{"error":"invalid_grant"}"#),
            FailureCode::LoginRefused,
        ),
    ] {
        let (_provider, bench) = bench(faults).await;
        assert_eq!(bench.fails_without_tokens().await, code);
    }
}

#[tokio::test]
async fn a_provider_that_is_not_there_is_unreachable() {
    let settings = {
        let provider = TestProvider::start(Faults::default()).await;
        provider.settings()
    };
    let bench = Bench::new(settings).await;
    assert_eq!(
        bench.fails_without_tokens().await,
        FailureCode::ProviderUnreachable
    );
}

#[tokio::test]
async fn discovery_must_name_the_issuer_and_stay_on_loopback() {
    for discovery in [
        set("issuer", json!("https://other.example")),
        set("token_endpoint", json!("https://cis2.example/token")),
        set("revocation_endpoint", json!("http://10.0.0.1/revoke")),
        take("jwks_uri"),
    ] {
        let faults = Faults {
            discovery,
            ..Faults::default()
        };
        let (provider, bench) = bench(faults).await;
        assert_eq!(
            bench.fails_without_tokens().await,
            FailureCode::ProviderResponseInvalid
        );
        assert_eq!(provider.steps(), [Step::Discovery]);
    }
}

#[tokio::test]
async fn a_computer_whose_clock_is_wrong_is_told_so() {
    for (faults, gives_tokens) in [
        (Faults::default(), true),
        // A provider may not like the times in the client assertion in the first place.
        (
            instead(Step::Token, 401, r#"{"error":"invalid_client"}"#),
            false,
        ),
    ] {
        let (_provider, mut bench) = bench(faults).await;
        let behind = SystemClock.now().minus(Duration::from_secs(600));
        bench.party = bench.party.with_clock(Arc::new(StoppedClock(behind)));
        let (failure, tokens) = failure(bench.attempt().await);
        assert_eq!(failure.code, FailureCode::ClockWrong);
        let told = failure.remedy;
        assert!(
            told.contains("10 min") && told.contains("behind the provider's"),
            "{told}"
        );
        assert_eq!(tokens.is_some(), gives_tokens);
    }
}
