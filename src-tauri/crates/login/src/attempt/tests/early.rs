//! The provider is asked before somebody signs in.

use tokio::time::Instant;

use super::*;

fn asked(provider: &TestProvider) -> usize {
    provider.calls(Step::Discovery).len()
}

#[tokio::test]
async fn a_login_does_not_ask_what_was_asked_early() {
    let (provider, bench) = bench(Faults::default()).await;
    for _ in 0..2 {
        bench.party.fetch_early().await;
        assert_eq!(asked(&provider), 1);
    }
    let _signed_in = granted(bench.attempt().await);
    assert_eq!(asked(&provider), 1);
}

#[tokio::test]
async fn a_login_does_not_wait_for_what_is_asked_early() {
    let provider = TestProvider::start(held(Step::Discovery)).await;
    // Shorter than the call that is not answered.
    let settings = Settings {
        login_timeout: Duration::from_secs(10),
        ..provider.settings()
    };
    let bench = Bench::new(settings).await;
    let early = async {
        bench.party.fetch_early().await;
        panic!("it was never answered");
    };
    let login = async {
        provider.called(Step::Discovery).await;
        provider.set_faults(Faults::default());
        bench.attempt().await
    };
    let finished = tokio::select! {
        biased;
        finished = login => finished,
        () = early => unreachable!(),
    };
    let _signed_in = granted(finished);
    assert_eq!(asked(&provider), 2);
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_does_not_answer_is_not_asked_for_ever() {
    let settings = Settings {
        issuer: "ftp://nowhere.example".to_owned(),
        ..Settings::default()
    };
    let bench = Bench::new(settings).await;
    let started = Instant::now();
    bench.party.fetch_early().await;
    assert_eq!(started.elapsed().as_secs(), 30 + 2 * 60 + 10 * 60);
}

#[tokio::test]
async fn who_cannot_sign_in_or_is_on_this_computer_is_not_asked_early() {
    let (provider, bench) = bench(Faults::default()).await;
    bench.party.warm_up().await;
    assert_eq!(asked(&provider), 0);

    let server = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let elsewhere = Settings {
        issuer: format!("https://{}/op", server.local_addr().unwrap()),
        ..provider.settings()
    };
    let nobody = Settings {
        client_id: String::new(),
        ..elsewhere.clone()
    };
    Bench::new(nobody).await.party.warm_up().await;
    let bench = Bench::new(elsewhere).await;
    tokio::select! {
        accepted = server.accept() => drop(accepted.unwrap()),
        () = bench.party.warm_up() => panic!("it was not asked"),
    }
}

#[tokio::test]
async fn the_broker_is_reached_early_when_it_is_the_way() {
    let (provider, _bench) = bench(Faults::default()).await;
    let server = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let direct = Settings {
        broker_url: format!("https://{}", server.local_addr().unwrap()),
        ..provider.settings()
    };
    let bench = Bench::new(direct.clone()).await;
    tokio::select! {
        biased;
        accepted = server.accept() => panic!("it was reached: {accepted:?}"),
        () = bench.party.warm_up() => {}
    }
    let broker = Settings {
        client_auth: ClientAuth::Broker,
        ..direct
    };
    let bench = Bench::new(broker).await;
    tokio::select! {
        accepted = server.accept() => drop(accepted.unwrap()),
        () = bench.party.warm_up() => panic!("it was not reached"),
    }
    assert_eq!(asked(&provider), 0);
}
