//! Whole attempts against a provider on loopback and a browser that is an HTTP client.

use std::sync::Mutex;
use std::time::Duration;

use cardea_session::FailureCode;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::*;
use crate::testing::{Change, Faults, Seen, Step, StoppedClock, TestBrowser, TestProvider};
use crate::{ClientAuth, Credentials, KeyKind, Keystore, MemoryKeystore, Settings, SystemClock};

/// Everything around one attempt.
struct Bench {
    party: RelyingParty,
    seen: mpsc::Receiver<Seen>,
    updates: Mutex<Vec<String>>,
    address: AttemptAddress,
    stop: CancellationToken,
}

impl Bench {
    async fn new(settings: Settings) -> Self {
        let keystore: Arc<dyn Keystore> = Arc::new(MemoryKeystore::default());
        let secret = Secret::new("hush".to_owned());
        let credentials = Credentials::new(Arc::clone(&keystore));
        credentials.store_client_secret(&secret).await.unwrap();
        Self::with_keystore(settings, keystore)
    }

    fn with_keystore(settings: Settings, keystore: Arc<dyn Keystore>) -> Self {
        let (browser, seen) = TestBrowser::new();
        Self {
            party: RelyingParty::new(settings, keystore, Arc::new(browser)),
            seen,
            updates: Mutex::default(),
            address: AttemptAddress::default(),
            stop: CancellationToken::new(),
        }
    }

    async fn attempt(&self) -> Finished {
        self.attempt_as(LoginMode::SignIn, None).await
    }

    async fn attempt_as(&self, mode: LoginMode, prior: Option<PriorSession>) -> Finished {
        let request = AttemptRequest {
            mode,
            prior,
            language: Language::English,
            address: self.address.clone(),
        };
        let note = |update| self.updates.lock().unwrap().push(format!("{update:?}"));
        self.party.attempt(request, &note, self.stop.clone()).await
    }

    /// The failure of an attempt that gave no tokens.
    async fn fails_without_tokens(&self) -> FailureCode {
        let (failure, tokens) = failure(self.attempt().await);
        assert!(tokens.is_none(), "{failure:?}");
        failure.code
    }

    /// The failure of an attempt that gave tokens; they get cleaned up.
    async fn fails_with_tokens(&self) -> FailureCode {
        let (failure, tokens) = failure(self.attempt().await);
        self.party.clean_up(tokens.expect("no tokens")).await;
        failure.code
    }
}

#[track_caller]
fn failure(finished: Finished) -> (Failure, Option<Tokens>) {
    match finished {
        Finished::Failed { failure, tokens } => (failure, tokens),
        Finished::Granted { .. } => panic!("granted"),
    }
}

#[track_caller]
fn granted(finished: Finished) -> (Identity, Tokens, BrowserAnswer) {
    match finished {
        Finished::Granted {
            identity,
            tokens,
            answer,
        } => (identity, tokens, answer),
        Finished::Failed { failure, .. } => panic!("{failure:?}"),
    }
}

/// Lets time pass at once.
async fn advance(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

fn set(name: &'static str, value: Value) -> Option<Change> {
    Some(Box::new(move |object| object[name] = value.clone()))
}

fn take(name: &'static str) -> Option<Change> {
    Some(Box::new(move |object| {
        object.as_object_mut().unwrap().remove(name);
    }))
}

fn instead(step: Step, status: u16, body: impl Into<Vec<u8>>) -> Faults {
    Faults {
        instead: [(step, (status, body.into()))].into(),
        ..Faults::default()
    }
}

fn held(step: Step) -> Faults {
    Faults {
        held: vec![step],
        ..Faults::default()
    }
}

async fn bench(faults: Faults) -> (TestProvider, Bench) {
    let provider = TestProvider::start(faults).await;
    let bench = Bench::new(provider.settings()).await;
    (provider, bench)
}

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
    let now = crate::Clock::now(&SystemClock);
    let key = credentials.create_key(KeyKind::Rsa2048, now).await.unwrap();
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
async fn taken_ports_are_waited_for_and_then_reported() {
    let provider = TestProvider::start(Faults::default()).await;
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let settings = Settings {
        redirect_ports: vec![taken.local_addr().unwrap().port()],
        login_timeout: Duration::from_millis(400),
        ..provider.settings()
    };
    let bench = Bench::new(settings).await;
    assert_eq!(
        bench.fails_without_tokens().await,
        FailureCode::RedirectPortBusy
    );
    assert_eq!(*bench.updates.lock().unwrap(), ["Waiting(Port)"]);
    assert!(provider.calls(Step::Authorize).is_empty());
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

/// The card is pulled at each step: what the agent does is to stop the attempt.
async fn stopped_at(step: Step) -> (TestProvider, Failure, Option<Tokens>, RelyingParty) {
    let (provider, bench) = bench(held(step)).await;
    let stop = async {
        provider.called(step).await;
        bench.stop.cancel();
        if step == Step::Token {
            provider.release();
        }
    };
    let (finished, ()) = tokio::join!(bench.attempt(), stop);
    let (failure, tokens) = failure(finished);
    assert_eq!(failure.code, FailureCode::LoginCancelled);
    (provider, failure, tokens, bench.party)
}

#[tokio::test]
async fn an_attempt_stopped_before_the_token_call_ends_at_once() {
    for step in [Step::Discovery, Step::Authorize] {
        let (provider, _, tokens, _party) = stopped_at(step).await;
        assert!(tokens.is_none());
        assert!(provider.calls(Step::Token).is_empty());
    }
}

#[tokio::test]
async fn an_attempt_stopped_during_or_after_the_token_call_gives_the_tokens_back() {
    for step in [Step::Token, Step::Keys, Step::UserInfo] {
        let (provider, _, tokens, party) = stopped_at(step).await;
        provider.release();
        party.clean_up(tokens.expect("the tokens were lost")).await;
        let ended = provider.called(Step::EndSession).await;
        assert!(ended.fields["id_token_hint"].starts_with("ey"));
        assert_eq!(ended.bearer.as_deref(), Some("the-access-token"));
        let revoked = provider.called(Step::Revocation).await;
        assert_eq!(revoked.fields["token"], "the-access-token");
        assert_eq!(revoked.fields["client_secret"], "hush");
    }
}

#[tokio::test]
async fn the_limit_ends_an_attempt_like_a_stop_and_gives_the_tokens_back() {
    // Shorter than the limit of a call.
    let limit = Duration::from_secs(10);
    for (step, gives_tokens) in [
        (Step::Discovery, false),
        (Step::Authorize, false),
        (Step::Token, true),
        (Step::UserInfo, true),
    ] {
        let (provider, mut bench) = bench(held(step)).await;
        bench.party.settings.login_timeout = limit;
        let passes = async {
            provider.called(step).await;
            advance(limit).await;
            provider.release();
        };
        let (finished, ()) = tokio::join!(bench.attempt(), passes);
        let (failure, tokens) = failure(finished);
        assert_eq!(failure.code, FailureCode::LoginTimedOut, "{step:?}");
        assert_eq!(tokens.is_some(), gives_tokens, "{step:?}");
    }
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
async fn the_access_token_is_kept_only_for_who_needs_it() {
    for (announces, keep, kept) in [
        (true, false, true),
        (false, true, true),
        (false, false, false),
    ] {
        let discovery: Option<Change> = Some(Box::new(move |document| {
            if !announces {
                let document = document.as_object_mut().unwrap();
                document.remove("end_session_endpoint");
                document.remove("revocation_endpoint");
            }
        }));
        let faults = Faults {
            discovery,
            ..Faults::default()
        };
        let (provider, mut bench) = bench(faults).await;
        bench.party.settings.keep_access_token = keep;
        let (_, tokens, _answer) = granted(bench.attempt().await);
        assert_eq!(tokens.access_token().is_some(), kept);
        bench.party.clean_up(tokens).await;
        assert_eq!(
            provider.calls(Step::EndSession).len(),
            usize::from(announces)
        );
    }
}

#[tokio::test]
async fn a_role_change_asks_for_the_role_and_takes_the_running_sessions_sign_in() {
    let now = crate::Clock::now(&SystemClock);
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
        let behind = crate::Clock::now(&SystemClock).minus(Duration::from_secs(600));
        bench.party = bench.party.with_clock(Arc::new(StoppedClock(behind)));
        let (failure, tokens) = failure(bench.attempt().await);
        assert_eq!(failure.code, FailureCode::ClockWrong);
        assert_eq!(tokens.is_some(), gives_tokens);
    }
}

#[tokio::test]
async fn clean_up_does_not_need_a_willing_provider() {
    let (provider, bench) = bench(Faults::default()).await;
    let (_, tokens, _answer) = granted(bench.attempt().await);
    provider.set_faults(instead(Step::EndSession, 500, ""));
    bench.party.clean_up(tokens).await;
    assert_eq!(provider.calls(Step::Revocation).len(), 1);
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
