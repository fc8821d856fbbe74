//! What a broker says of this computer.

use cardea_session::Time;
use jsonwebtoken::dangerous::insecure_decode;
use serde_json::{Value, json};

use super::super::enrolment::ask;
use super::*;
use crate::KeyKind;
use crate::broker::Broker;
use crate::keystore::PrivateKey;

const NOW: i64 = 1_760_000_000;

fn clock() -> StoppedClock {
    StoppedClock(Time::from_unix(NOW).unwrap())
}

fn answer(status: u16, kind: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} x\r\nDate: Thu, 09 Oct 2025 08:55:20 GMT\r\nContent-Type: {kind}\r\n\
         Connection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

fn problem(status: u16, code: &str) -> String {
    let body = json!({"status": status, "code": code}).to_string();
    answer(status, "application/problem+json", &body)
}

fn enrolled() -> String {
    answer(200, "application/json", "{\"status\":\"enrolled\"}")
}

async fn asked_of(peer: &Peer) -> Result<Enrolment, NotEnrolled> {
    let pkcs8 = PrivateKey::generate(KeyKind::P256).unwrap();
    let key = PrivateKey::from_pkcs8(KeyKind::P256, &pkcs8).unwrap();
    let url = format!("http://{}/cardea", peer.address);
    let broker = Broker::played(&url, Box::new(key), Wire::new(Reach::Loopback));
    ask(&broker, &clock()).await
}

async fn told(answer: String) -> Result<Enrolment, NotEnrolled> {
    asked_of(&Peer::saying(answer).await).await
}

#[tokio::test]
async fn a_broker_that_knows_this_computer_says_so_to_whoever_proves_it() {
    let mut peer = Peer::saying(enrolled()).await;
    assert_eq!(asked_of(&peer).await.unwrap(), Enrolment::Enrolled);
    let asked = peer.asked().await;
    let (head, body) = asked.split_once("\r\n\r\n").unwrap();
    assert!(
        head.starts_with("POST /cardea/v1/workstation HTTP/1.1\r\n"),
        "{head}"
    );
    assert_eq!(body, "client_id=test-client");
    let assertion = head
        .lines()
        .find_map(|line| line.strip_prefix("workstation-assertion: "));
    let claims = insecure_decode::<Value>(assertion.unwrap()).unwrap().claims;
    let audience = format!("http://{}/cardea/v1/workstation", peer.address);
    assert_eq!(claims["aud"], audience);
    assert_eq!(claims["iat"], NOW);
}

#[tokio::test]
async fn a_broker_without_the_route_does_not_say() {
    for answer in [
        answer(404, "text/html", "<html>"),
        problem(404, "not_found"),
        problem(405, "method_not_allowed"),
        answer(501, "text/plain", ""),
    ] {
        assert_eq!(told(answer).await.unwrap(), Enrolment::DoesNotSay);
    }
}

#[tokio::test]
async fn what_a_broker_refuses_is_told_by_its_code() {
    for (status, code) in [
        (403, "workstation_unknown"),
        (400, "client_not_allowed"),
        (429, "rate_limited"),
        (503, "busy"),
    ] {
        let refused = told(problem(status, code)).await;
        let is_told = matches!(
            &refused,
            Err(NotEnrolled::Refused { status: came, code: told }) if *came == status && told == code
        );
        assert!(is_told, "{refused:?}");
    }
}

#[tokio::test]
async fn a_clock_that_the_broker_does_not_accept_is_told_with_the_difference() {
    let refused = told(problem(401, "assertion_expired")).await;
    let Err(NotEnrolled::ClockWrong { code, difference }) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(
        (code.as_str(), difference.seconds()),
        ("assertion_expired", -120)
    );
}

#[tokio::test]
async fn what_is_no_broker_is_not_taken_for_one() {
    for (answer, status) in [
        (answer(200, "text/html", "<html>"), 200),
        (answer(200, "application/json", "{\"status\":\"ok\"}"), 200),
        (answer(500, "text/html", "<html>"), 500),
        (answer(401, "application/json", "{\"error\":\"x\"}"), 401),
    ] {
        let other = told(answer).await;
        let is_other = matches!(other, Err(NotEnrolled::OtherAnswer(came)) if came == status);
        assert!(is_other, "{other:?}");
    }
    let moved = told("HTTP/1.1 302 x\r\nLocation: /\r\nContent-Length: 0\r\n\r\n".to_owned()).await;
    let redirected = matches!(moved, Err(NotEnrolled::Wire(WireError::Redirected(302))));
    assert!(redirected, "{moved:?}");
}

fn by_broker(url: &str) -> Examination {
    examination(Settings {
        client_auth: ClientAuth::Broker,
        broker_url: url.to_owned(),
        ..Settings::default()
    })
}

#[tokio::test]
async fn without_a_broker_there_is_nothing_to_examine() {
    let none = of_issuer("https://cis2.example/op").broker().await;
    assert_eq!(none.unwrap_err(), NotApplicable::NoBroker);
    for url in ["", "http://127.0.0.1:9", "broker.example"] {
        let not_allowed = by_broker(url).broker().await;
        assert_eq!(not_allowed.unwrap_err(), NotApplicable::AddressNotAllowed);
    }
}

#[tokio::test]
async fn a_broker_that_cannot_be_reached_is_not_asked_for_more() {
    let nobody = Nobody::new();
    let mut examination = by_broker(&format!("https://{}", nobody.address()));
    let target = examination.broker.as_mut().unwrap();
    target.ways = OnceCell::new_with(Some(Ways::direct()));
    let broker = examination.broker().await.unwrap();
    assert!(matches!(broker.connection, Step::Fails(_)), "{broker:?}");
    let earlier = NotApplicable::EarlierFails;
    assert!(matches!(broker.certificate, Step::NotApplicable(why) if why == earlier));
    assert!(matches!(broker.enrolment, Step::NotApplicable(why) if why == earlier));
}

#[tokio::test]
async fn a_broker_that_shows_no_certificate_is_not_asked_for_more() {
    let peer = Peer::saying("HTTP/1.1 400 Bad Request\r\n\r\n").await;
    let mut examination = by_broker(&format!("https://{}", peer.address));
    let target = examination.broker.as_mut().unwrap();
    target.ways = OnceCell::new_with(Some(Ways::direct()));
    let broker = examination.broker().await.unwrap();
    assert!(broker.connection.works().is_some(), "{broker:?}");
    let no_tls = matches!(broker.certificate, Step::Fails(CertificateProblem::NoTls));
    assert!(no_tls, "{broker:?}");
    let earlier = NotApplicable::EarlierFails;
    assert!(matches!(broker.enrolment, Step::NotApplicable(why) if why == earlier));
}

#[tokio::test]
async fn a_computer_without_a_key_cannot_ask() {
    let asked = by_broker("https://broker.example").ask_broker().await;
    assert!(matches!(asked, Err(NotEnrolled::NoProof)), "{asked:?}");
}
