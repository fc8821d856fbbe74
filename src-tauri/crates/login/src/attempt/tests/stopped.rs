//! Logins that are stopped or run out of time, and what is cleaned up.

use super::*;

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

/// The card is pulled at each step: what the agent does is to stop the attempt.
async fn stopped_at(step: Step) -> (TestProvider, Failure, Option<Tokens>, RelyingParty) {
    let (provider, bench) = bench(held(step)).await;
    let stop = async {
        provider.called(step).await;
        bench.stop.because(FailureCode::CardRemovedDuringLogin);
        if step == Step::Token {
            provider.release();
        }
    };
    let (finished, ()) = tokio::join!(bench.attempt(), stop);
    let (failure, tokens) = failure(finished);
    assert_eq!(failure.code, FailureCode::CardRemovedDuringLogin);
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
async fn clean_up_does_not_need_a_willing_provider() {
    let (provider, bench) = bench(Faults::default()).await;
    let (_, tokens, _answer) = granted(bench.attempt().await);
    provider.set_faults(instead(Step::EndSession, 500, ""));
    bench.party.clean_up(tokens).await;
    assert_eq!(provider.calls(Step::Revocation).len(), 1);
}
