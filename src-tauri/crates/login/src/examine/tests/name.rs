//! Names.

use super::*;

/// No resolver asks anybody for such a name: a part of it is too long (RFC 1035, section 2.3.4).
fn impossible() -> String {
    format!("https://{}.example/", "x".repeat(64))
}

#[tokio::test]
async fn a_name_that_is_known_is_told_with_its_addresses() {
    let name = of_issuer("http://localhost:1/op").name().await;
    let addresses = name.works().unwrap();
    assert_eq!(addresses.v4() + addresses.v6(), addresses.0.len());
    assert!(addresses.0.iter().all(std::net::IpAddr::is_loopback));
    assert!(!addresses.0.is_empty());
    let both = Addresses(vec![
        "127.0.0.1".parse().unwrap(),
        "::1".parse().unwrap(),
        "::2".parse().unwrap(),
    ]);
    assert_eq!((both.v4(), both.v6()), (1, 2));
}

#[tokio::test]
async fn a_name_that_nobody_knows_is_not_found() {
    let name = by_ways(&impossible(), vec![Route::Direct]).name().await;
    let found = matches!(name, Step::Fails(NameProblem::NotFound(_)));
    assert!(found, "{name:?}");
}

#[tokio::test(start_paused = true)]
async fn a_name_that_is_not_answered_for_is_given_up() {
    let mut examination = of_issuer("http://localhost:1/op");
    let (thread, _held) = held_thread(0);
    examination.names = thread;
    let name = examination.name().await;
    assert!(
        matches!(name, Step::Fails(NameProblem::TimedOut)),
        "{name:?}"
    );
}

#[tokio::test]
async fn what_waits_for_an_answer_is_bounded() {
    let mut examination = of_issuer("http://localhost:1/op");
    let (thread, _held) = held_thread(TOO_MANY);
    examination.names = thread;
    let name = examination.name().await;
    assert!(
        matches!(name, Step::Fails(NameProblem::NotAsked)),
        "{name:?}"
    );
}

#[tokio::test]
async fn a_name_that_a_proxy_looks_up_is_not_asked_for() {
    let nobody = Nobody::new();
    let proxy = proxy_at(nobody.address());
    let name = by_ways(&impossible(), vec![proxy.clone()]).name().await;
    let resolves = matches!(name, Step::NotApplicable(NotApplicable::ProxyResolves));
    assert!(resolves, "{name:?}");
    // Where a script leaves both ways open it is.
    let both = by_ways(&impossible(), vec![proxy, Route::Direct]);
    assert!(matches!(both.name().await, Step::Fails(_)));
}

#[tokio::test]
async fn what_has_no_name_is_not_looked_up() {
    let mut examination = of_issuer("https://127.0.0.1:9/op");
    let (thread, _held) = held_thread(0);
    examination.names = thread;
    let name = examination.name().await;
    let none = matches!(name, Step::NotApplicable(NotApplicable::NoName));
    assert!(none, "{name:?}");
    let name = of_issuer("ftp://cis2.example/op").name().await;
    let not_allowed = matches!(name, Step::NotApplicable(NotApplicable::AddressNotAllowed));
    assert!(not_allowed, "{name:?}");
}
