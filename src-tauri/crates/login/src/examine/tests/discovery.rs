//! The provider's document and its clock.

use cardea_session::Time;
use serde_json::json;

use super::*;

async fn of_provider(faults: Faults, clock: impl Clock + 'static) -> (TestProvider, Examination) {
    let provider = TestProvider::start(faults).await;
    let keystore = Arc::<MemoryKeystore>::default();
    let examination = Examination::new(provider.settings(), keystore, Arc::new(clock));
    (provider, examination)
}

fn instead(status: u16, body: &str) -> Faults {
    Faults {
        instead: [(Call::Discovery, (status, body.as_bytes().to_vec()))].into(),
        ..Faults::default()
    }
}

fn error(discovery: &Step<Discovered, NoDiscovery>) -> &DiscoveryError {
    match discovery {
        Step::Fails(NoDiscovery::Failed { error, .. }) => error,
        Step::Works(_) | Step::Fails(_) | Step::NotApplicable(_) => panic!("{discovery:?}"),
    }
}

#[tokio::test]
async fn a_document_that_a_login_could_use_works_and_the_clocks_agree() {
    let (_provider, examination) = of_provider(Faults::default(), SystemClock).await;
    let discovery = examination.discovery().await;
    let clocks = discovery.works().unwrap().clocks.unwrap();
    assert!(clocks.are_near_enough());
    assert_eq!(clocks.allowed, Settings::default().clock_skew);
}

#[tokio::test]
async fn a_wrong_clock_is_told_from_the_date_of_any_answer() {
    let slow = StoppedClock(Time::parse("2020-01-01T00:00:00Z").unwrap());
    for faults in [Faults::default(), instead(503, "down")] {
        let (_provider, examination) = of_provider(faults, slow).await;
        let clocks = match examination.discovery().await {
            Step::Works(Discovered { clocks }) => clocks,
            Step::Fails(NoDiscovery::Failed { clocks, .. }) => clocks,
            Step::Fails(NoDiscovery::TimedOut) | Step::NotApplicable(_) => None,
        };
        let clocks = clocks.unwrap();
        assert!(!clocks.are_near_enough());
        assert!(clocks.difference.seconds() < -150_000_000);
    }
}

#[tokio::test]
async fn the_clocks_may_be_apart_as_far_as_the_settings_say() {
    let date = "HTTP/1.1 500 x\r\nContent-Length: 0\r\nDate: Thu, 09 Oct 2025 08:53:20 GMT\r\n\r\n";
    for (ours, near) in [
        (1_760_000_000 + 60, true),
        (1_760_000_000 + 61, false),
        (1_760_000_000 - 60, true),
        (1_760_000_000 - 61, false),
    ] {
        let peer = Peer::saying(date).await;
        let mut examination = of_issuer(&format!("http://{}/op", peer.address));
        examination.clock = Arc::new(StoppedClock(Time::from_unix(ours).unwrap()));
        let Step::Fails(NoDiscovery::Failed { clocks, .. }) = examination.discovery().await else {
            panic!("it was accepted");
        };
        assert_eq!(clocks.unwrap().are_near_enough(), near, "{ours}");
    }
}

#[tokio::test]
async fn an_answer_without_a_date_says_nothing_of_clocks() {
    let peer = Peer::saying("HTTP/1.1 500 x\r\nContent-Length: 0\r\n\r\n").await;
    let examination = of_issuer(&format!("http://{}/op", peer.address));
    let discovery = examination.discovery().await;
    let none = matches!(
        discovery,
        Step::Fails(NoDiscovery::Failed { clocks: None, .. })
    );
    assert!(none, "{discovery:?}");
}

#[tokio::test]
async fn what_a_login_would_refuse_is_refused_for_its_reason() {
    let other_issuer = Faults {
        discovery: Some(Box::new(|document| document["issuer"] = json!("http://x/"))),
        ..Faults::default()
    };
    let endpoint = Faults {
        discovery: Some(Box::new(|document| {
            document["token_endpoint"] = json!("http://cis2.example/token");
        })),
        ..Faults::default()
    };
    for (faults, says) in [
        (instead(503, "down"), "discovery: the answer has status 503"),
        (
            instead(200, "<html>"),
            "discovery: the answer is not the JSON expected (line 1, column 1)",
        ),
        (
            other_issuer,
            "discovery: the issuer is not byte for byte the one in the settings",
        ),
        (
            endpoint,
            "discovery: token_endpoint is not an address that may be used",
        ),
    ] {
        let (_provider, examination) = of_provider(faults, SystemClock).await;
        let discovery = examination.discovery().await;
        assert_eq!(error(&discovery).to_string(), says);
    }
    let nobody = Nobody::new();
    let nowhere = of_issuer(&format!("http://{}/op", nobody.address()));
    let discovery = nowhere.discovery().await;
    assert_eq!(error(&discovery).to_string(), "discovery: no answer");
    let discovery = of_issuer("ftp://cis2.example").discovery().await;
    let not_allowed = matches!(error(&discovery), DiscoveryError::IssuerNotAllowed);
    assert!(not_allowed, "{discovery:?}");
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_does_not_answer_is_given_up() {
    let peer = Peer::silent().await;
    let examination = of_issuer(&format!("http://{}/op", peer.address));
    let discovery = examination.discovery().await;
    assert_eq!(error(&discovery).to_string(), "discovery: no answer");
}

#[tokio::test]
async fn the_document_is_looked_at_that_was_read_or_is_there() {
    let acr = Faults {
        discovery: Some(Box::new(|document| {
            document["acr_values_supported"] = json!(["AAL1_USERPASS"]);
        })),
        ..Faults::default()
    };
    let (provider, examination) = of_provider(acr, SystemClock).await;
    let acr_values = |document: &Step<Vec<DocumentField>, NoDiscovery>| {
        let fields = document.works().unwrap().iter();
        let mut fields = fields.filter(|field| field.name == "acr_values_supported");
        fields.next().unwrap().fit.clone()
    };
    let misfit = Fit::DoesNotFit {
        wanted: vec!["AAL3_ANY".to_owned()],
        offered: vec!["AAL1_USERPASS".to_owned()],
    };
    assert_eq!(acr_values(&examination.document().await), misfit);
    assert_eq!(acr_values(&examination.document().await), misfit);
    assert_eq!(provider.calls(Call::Discovery).len(), 1);
    // What was read anew counts.
    provider.set_faults(Faults::default());
    examination.discovery().await;
    assert_eq!(acr_values(&examination.document().await), Fit::DoesNotSay);
    assert_eq!(provider.calls(Call::Discovery).len(), 2);

    let (_provider, down) = of_provider(instead(503, "down"), SystemClock).await;
    assert!(matches!(down.document().await, Step::Fails(_)));
}
