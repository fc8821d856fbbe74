//! Logins that go well.

use super::*;

#[tokio::test]
async fn a_login_goes_from_the_browser_to_the_identity() {
    let (provider, mut bench) = bench(Faults::default()).await;
    let (identity, tokens, answer) = granted(bench.attempt().await);
    assert_eq!(identity.user.id, "555000000001");
    let role = identity.user.selected_role().unwrap();
    assert_eq!(role.display_name, "Nurse Access Role");
    assert!(identity.smartcard);
    assert_eq!(tokens.sid(), Some("the-sid"));
    assert_eq!(tokens.expires_at(), Some(identity.id_token_expires_at));
    assert!(tokens.id_token().is_some());
    assert_eq!(*bench.updates.lock().unwrap(), ["Waiting(Provider)"]);
    assert!(bench.address.current().is_none());

    answer.signed_in();
    let seen = bench.seen.recv().await.unwrap();
    assert!(seen.page.contains("You are signed in"));
    let last = seen.addresses.last().unwrap();
    assert!(last.ends_with("/callback/result"), "{last}");
    let steps = [
        Step::Discovery,
        Step::Authorize,
        Step::Token,
        Step::Keys,
        Step::UserInfo,
    ];
    assert_eq!(provider.steps(), steps);
    let userinfo = provider.called(Step::UserInfo).await;
    assert_eq!(userinfo.bearer.as_deref(), Some("the-access-token"));
}

#[tokio::test]
async fn the_client_proves_itself_by_secret_or_by_key() {
    let (provider, bench) = bench(Faults::default()).await;
    drop(granted(bench.attempt().await));
    let by_secret = provider.called(Step::Token).await.fields;
    assert_eq!(by_secret["client_secret"], "hush");
    assert!(!by_secret.contains_key("client_assertion"));

    let settings = Settings {
        client_auth: ClientAuth::PrivateKeyJwt,
        ..provider.settings()
    };
    let keystore: Arc<dyn Keystore> = Arc::new(MemoryKeystore::default());
    let credentials = Credentials::new(Arc::clone(&keystore));
    let now = SystemClock.now();
    let request = KeyRequest {
        alg: AssertionAlg::Rs512,
        kind: Some(KeyKind::Rsa2048),
        scope: KeyScope::User,
        home: WantedHome::Safest,
    };
    let (key, _) = credentials.create_key(request, now).await.unwrap();
    drop(granted(
        Bench::with_keystore(settings, keystore).attempt().await,
    ));
    let by_key = provider.called(Step::Token).await.fields;
    assert!(!by_key.contains_key("client_secret"));
    assert_eq!(
        by_key["client_assertion_type"],
        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    );
    let header = jsonwebtoken::decode_header(&by_key["client_assertion"]).unwrap();
    assert_eq!(header.alg, jsonwebtoken::Algorithm::RS512);
    assert_eq!(header.kid, Some(key.kid));
}

#[tokio::test]
async fn without_a_credential_nobody_is_asked() {
    let provider = TestProvider::start(Faults::default()).await;
    let bench = Bench::with_keystore(provider.settings(), Arc::new(MemoryKeystore::default()));
    assert_eq!(
        bench.fails_without_tokens().await,
        FailureCode::ClientCredentialMissing
    );
    let no_client = Settings {
        client_id: String::new(),
        ..provider.settings()
    };
    let bench = Bench::new(no_client).await;
    assert_eq!(
        bench.fails_without_tokens().await,
        FailureCode::ConfigInvalid
    );
    assert!(provider.calls(Step::Authorize).is_empty());
}

#[tokio::test]
async fn the_browser_hears_what_became_of_a_granted_login() {
    let (_provider, mut bench) = bench(Faults::default()).await;
    let (.., answer) = granted(bench.attempt().await);
    answer.refused(FailureCode::CardMissing);
    let seen = bench.seen.recv().await.unwrap();
    assert!(seen.page.contains("You are not signed in") && seen.page.contains("card_missing"));
}

#[tokio::test]
async fn a_stop_that_comes_too_late_to_be_noticed_still_says_why() {
    let (_provider, mut bench) = bench(Faults::default()).await;
    let (.., answer) = granted(bench.attempt().await);
    bench.stop.because(FailureCode::CardRemovedDuringLogin);
    answer.refused(FailureCode::LoginCancelled);
    let seen = bench.seen.recv().await.unwrap();
    assert!(seen.page.contains("card_removed_during_login"));
}

#[tokio::test]
async fn when_the_browser_does_not_open_the_address_can_be_copied() {
    let provider = TestProvider::start(Faults::default()).await;
    let mut bench = Bench::new(provider.settings()).await;
    bench.party.browser = Arc::new(TestBrowser::broken());
    let (update, mut updates) = mpsc::unbounded_channel();
    let request = AttemptRequest {
        mode: LoginMode::SignIn,
        prior: None,
        language: Language::Welsh,
        address: bench.address.clone(),
    };
    let note = move |next| update.send(next).unwrap();
    let by_hand = async {
        assert!(matches!(
            updates.recv().await,
            Some(LoginUpdate::BrowserFailed)
        ));
        let address = bench.address.current().unwrap();
        TestBrowser::visit(address.expose()).await
    };
    let attempt = async {
        let (.., answer) = granted(
            bench
                .party
                .attempt(request, &note, bench.stop.clone())
                .await,
        );
        answer.signed_in();
    };
    let (seen, ()) = tokio::join!(by_hand, attempt);
    assert!(seen.page.contains("Rydych wedi mewngofnodi"));
}

#[tokio::test]
async fn the_next_attempt_may_use_the_same_port() {
    let provider = TestProvider::start(Faults::default()).await;
    let port = {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        free.local_addr().unwrap().port()
    };
    let settings = Settings {
        redirect_ports: vec![port],
        ..provider.settings()
    };
    let bench = Bench::new(settings).await;
    for _ in 0..3 {
        // The last page of the attempt before is still to be had.
        drop(granted(bench.attempt().await));
    }
    assert!(
        !bench
            .updates
            .lock()
            .unwrap()
            .iter()
            .any(|update| update.contains("Port"))
    );
}

#[tokio::test]
async fn discovery_and_keys_are_fetched_once_and_keys_again_when_one_is_new() {
    let (provider, bench) = bench(Faults::default()).await;
    drop(granted(bench.attempt().await));
    drop(granted(bench.attempt().await));
    assert_eq!(provider.calls(Step::Discovery).len(), 1);
    assert_eq!(provider.calls(Step::Keys).len(), 1);

    provider.rotate_keys("second");
    drop(granted(bench.attempt().await));
    assert_eq!(provider.calls(Step::Keys).len(), 2);

    // A second change within 30 seconds is not looked for.
    provider.rotate_keys("third");
    assert_eq!(
        bench.fails_with_tokens().await,
        FailureCode::ProviderResponseInvalid
    );
    assert_eq!(provider.calls(Step::Keys).len(), 2);
    advance(Duration::from_secs(30)).await;
    drop(granted(bench.attempt().await));
    assert_eq!(provider.calls(Step::Keys).len(), 3);

    advance(Duration::from_secs(60 * 60)).await;
    drop(granted(bench.attempt().await));
    assert_eq!(provider.calls(Step::Discovery).len(), 2);
    assert_eq!(provider.calls(Step::Keys).len(), 4);
}

#[tokio::test]
async fn a_role_change_asks_for_the_role_and_takes_the_running_sessions_sign_in() {
    let now = SystemClock.now();
    let hours_ago = Time::from_unix(now.unix() - 20_000).unwrap();
    let (provider, bench) = bench(Faults {
        claims: set("auth_time", json!(hours_ago.unix())),
        ..Faults::default()
    })
    .await;
    let prior = PriorSession {
        subject: "555000000001".to_owned(),
        auth_time: hours_ago,
    };
    let finished = bench
        .attempt_as(LoginMode::ChangeRole, Some(prior.clone()))
        .await;
    drop(granted(finished));
    let asked = provider.called(Step::Authorize).await.fields;
    assert!(asked["scope"].ends_with("changedrole") && !asked.contains_key("prompt"));

    let again = bench
        .attempt_as(LoginMode::Reauthenticate, Some(prior))
        .await;
    let (failure, tokens) = failure(again);
    assert_eq!(failure.code, FailureCode::ProviderResponseInvalid);
    assert!(tokens.is_some());
}

#[tokio::test]
async fn what_is_shown_of_an_attempt_holds_no_secret() {
    let (_provider, bench) = bench(Faults::default()).await;
    let (identity, tokens, answer) = granted(bench.attempt().await);
    let shown = format!("{identity:?} {tokens:?} {answer:?} {:?}", bench.address);
    for secret in ["ey", "the-access-token", "the-sid", "Flo", "555000000001"] {
        assert!(!shown.contains(secret), "{secret}");
    }
}
