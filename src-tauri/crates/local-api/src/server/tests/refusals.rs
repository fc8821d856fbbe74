use super::client::Answer;
use super::rig::{ORIGIN, PAGE, READER, Rig, bearer};
use crate::os::testing::somebody_else;

const FIRST: &str = "GET /v1/session HTTP/1.1";

/// Asks on a connection of its own, as a program that has a good token.
async fn ask(rig: &Rig, lines: &[&str]) -> Answer {
    let authorization = bearer(READER);
    let mut all = lines.to_vec();
    all.push(&authorization);
    rig.tcp().await.ask(&all, "").await
}

fn bare(answer: &Answer) -> bool {
    answer.status == 403
        && answer.body.is_empty()
        && answer.headers.keys().collect::<Vec<_>>() == ["content-length"]
}

#[tokio::test]
async fn every_refusal_before_the_token_is_the_same_403_without_a_body() {
    let rig = Rig::start();
    let host = rig.host();
    let near = format!("host: 127.0.0.1:{}", rig.port.wrapping_add(1));
    let rebound = format!("host: clinic.example:{}", rig.port);
    let shouted = format!("host: LOCALHOST:{}", rig.port);
    let any = format!("host: 0.0.0.0:{}", rig.port);
    let elsewhere = format!("GET http://clinic.example:{}/v1/session HTTP/1.1", rig.port);
    let refused: &[&[&str]] = &[
        &[FIRST],
        &[FIRST, "host: 127.0.0.1"],
        &[FIRST, &near],
        &[FIRST, &rebound],
        &[FIRST, &shouted],
        &[FIRST, &any],
        &[FIRST, &host, &rebound],
        &[&elsewhere, &host],
        &[FIRST, &host, "sec-fetch-mode: no-cors"],
        &[FIRST, &host, "sec-fetch-mode: navigate"],
        &[
            FIRST,
            &host,
            "sec-fetch-mode: cors",
            "sec-fetch-mode: navigate",
        ],
        &[
            FIRST,
            &host,
            "sec-fetch-mode: cors",
            "sec-fetch-site: cross-site",
        ],
        &[FIRST, &host, "origin: null"],
        &[
            FIRST,
            &host,
            "origin: https://a.example",
            "origin: https://b.example",
        ],
        &[
            "OPTIONS /v1/session HTTP/1.1",
            &host,
            "origin: https://stranger.example",
            "access-control-request-method: GET",
        ],
        &[
            "GET /v1/health HTTP/1.1",
            &host,
            "origin: https://stranger.example",
        ],
        &["GET /v1/health HTTP/1.1", &rebound],
        &["POST /v1/session/logout HTTP/1.1", &rebound],
        &["GET /nothing HTTP/1.1", &rebound],
    ];
    for lines in refused {
        let answer = ask(&rig, lines).await;
        assert!(bare(&answer), "{lines:?}: {answer:?}");
    }
}

#[tokio::test]
async fn each_of_our_own_names_is_answered() {
    let rig = Rig::start();
    for name in ["127.0.0.1", "localhost", "[::1]"] {
        let host = format!("host: {name}:{}", rig.port);
        assert_eq!(ask(&rig, &[FIRST, &host]).await.status, 200, "{name}");
    }
}

#[tokio::test]
#[cfg_attr(windows, ignore = "Wine never says whose a socket of IPv6 is")]
async fn both_loopbacks_are_answered() {
    let rig = Rig::start();
    let Ok(wire) = tokio::net::TcpStream::connect(("::1", rig.port)).await else {
        return;
    };
    let host = format!("host: [::1]:{}", rig.port);
    let lines = ["GET /v1/health HTTP/1.1", &host];
    let answer = super::client::Client::new(wire).ask(&lines, "").await;
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (200, r#"{"status":"ok"}"#)
    );
}

#[tokio::test]
async fn another_users_program_is_refused_even_with_a_token_and_learns_nothing() {
    let rig = Rig::start_with(|shared| shared.owner = somebody_else());
    let host = rig.host();
    for lines in [
        vec![FIRST, &host],
        vec![FIRST, &host, "origin: https://clinic.example"],
        vec!["GET /v1/health HTTP/1.1", &host],
        vec!["GET /nothing HTTP/1.1"],
    ] {
        let mut answer = ask(&rig, &lines).await;
        assert_eq!(
            answer.headers.remove("connection").as_deref(),
            Some("close")
        );
        assert!(bare(&answer), "{lines:?}: {answer:?}");
    }
}

#[tokio::test]
async fn another_users_program_is_not_heard_on_the_socket() {
    let rig = Rig::start_with(|shared| shared.owner = somebody_else());
    rig.socket().await.end().await;
}

#[tokio::test]
async fn a_missing_and_a_wrong_token_are_told_apart() {
    let rig = Rig::start();
    let host = rig.host();
    let mut client = rig.tcp().await;
    let answer = client.ask(&[FIRST, &host], "").await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (401, "token_missing")
    );
    assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    let wrong = bearer("wrong00000000000000000000000000000000000000");
    let good = bearer(READER);
    let basic = "authorization: Basic cmVhZGVyOnJlYWRlcg==";
    for lines in [
        vec![FIRST, &host, &wrong],
        vec![FIRST, &host, basic],
        vec![FIRST, &host, "authorization: Bearer "],
        vec![FIRST, &host, "authorization: x"],
        vec![FIRST, &host, &wrong, &good],
        vec![FIRST, &host, &good, &wrong],
    ] {
        let answer = client.ask(&lines, "").await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (401, "token_invalid"),
            "{lines:?}"
        );
    }
}

#[tokio::test]
async fn guessers_are_slowed_and_hold_up_nobody_else() {
    let rig = Rig::start();
    let host = rig.host();
    let wrong = bearer("wrong00000000000000000000000000000000000000");
    let mut client = rig.tcp().await;
    for _ in 0..30 {
        assert_eq!(client.ask(&[FIRST, &host, &wrong], "").await.status, 401);
    }
    let answer = client.ask(&[FIRST, &host, &wrong], "").await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (429, "rate_limited")
    );
    assert!(answer.header("retry-after").is_some());
    assert_eq!(client.ask(&[FIRST, &host], "").await.status, 401);
    assert_eq!(ask(&rig, &[FIRST, &host]).await.status, 200);
}

#[tokio::test]
async fn a_token_works_from_its_own_origins_only() {
    let rig = Rig::start();
    let host = rig.host();
    let origin = format!("origin: {ORIGIN}");
    let page = bearer(PAGE);
    let reader = bearer(READER);
    let mut client = rig.tcp().await;
    let answer = client.ask(&[FIRST, &host, &page, &origin], "").await;
    assert_eq!(answer.status, 200);
    for lines in [
        vec![FIRST, &host, &page],
        vec![FIRST, &host, &page, "origin: https://stranger.example"],
        vec![FIRST, &host, &page, "origin: http://clinic.example"],
        vec![FIRST, &host, &page, "origin: https://clinic.example."],
        vec![FIRST, &host, &reader, &origin],
    ] {
        let answer = client.ask(&lines, "").await;
        let found = (answer.status, answer.code());
        assert_eq!(found, (403, "origin_not_allowed".to_owned()), "{lines:?}");
    }
}

#[tokio::test]
async fn a_program_does_only_what_its_scopes_say() {
    let rig = Rig::start();
    let (host, reader) = (rig.host(), bearer(READER));
    let json = "content-type: application/json";
    let mut client = rig.tcp().await;
    for first in [
        "POST /v1/session/login HTTP/1.1",
        "POST /v1/session/logout HTTP/1.1",
        "POST /v1/session/activity HTTP/1.1",
    ] {
        let answer = client.ask(&[first, &host, &reader, json], "{}").await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (403, "scope_missing"),
            "{first}"
        );
    }
    assert_eq!(
        ask(&rig, &["GET /v1/app HTTP/1.1", &host]).await.status,
        200
    );
}

#[tokio::test]
async fn management_is_not_found_on_the_port_nor_is_anything_unknown() {
    let rig = Rig::start();
    let host = rig.host();
    for first in [
        "GET /v1/apps HTTP/1.1",
        "GET /v1/session/login/address HTTP/1.1",
        "GET /v1/tokens HTTP/1.1",
        "GET / HTTP/1.1",
    ] {
        let answer = ask(&rig, &[first, &host]).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (404, "not_found"),
            "{first}"
        );
    }
    let unknown = rig.tcp().await.ask(&["GET / HTTP/1.1", &host], "").await;
    assert_eq!(unknown.status, 401);
}

#[tokio::test]
async fn a_listed_origin_may_ask_first_and_read_every_answer() {
    let rig = Rig::start();
    let host = rig.host();
    let origin = format!("origin: {ORIGIN}");
    let mut client = rig.tcp().await;
    let preflight = client
        .ask(
            &[
                "OPTIONS /v1/session HTTP/1.1",
                &host,
                &origin,
                "sec-fetch-mode: cors",
                "sec-fetch-site: cross-site",
                "access-control-request-method: GET",
                "access-control-request-headers: authorization",
                "access-control-request-private-network: true",
            ],
            "",
        )
        .await;
    assert_eq!((preflight.status, preflight.body.as_str()), (204, ""));
    for (name, value) in [
        ("access-control-allow-methods", "GET, POST, DELETE"),
        (
            "access-control-allow-headers",
            "authorization, content-type, if-none-match, last-event-id",
        ),
        ("access-control-expose-headers", "etag, retry-after"),
        ("access-control-max-age", "600"),
        ("access-control-allow-private-network", "true"),
    ] {
        assert_eq!(preflight.header(name), Some(value));
    }
    let denied = client.ask(&[FIRST, &host, &origin], "").await;
    assert_eq!(denied.status, 401);
    let unasked = [FIRST, &host, &origin, "sec-fetch-mode: no-cors"];
    let unasked = client.ask(&unasked, "").await;
    assert_eq!((unasked.status, unasked.body.as_str()), (403, ""));
    for answer in [&preflight, &denied, &unasked] {
        assert_eq!(answer.header("access-control-allow-origin"), Some(ORIGIN));
        assert_eq!(answer.header("vary"), Some("Origin"));
        assert_eq!(answer.header("access-control-allow-credentials"), None);
    }
    let stranger = [FIRST, &host, "origin: https://stranger.example"];
    let stranger = client.ask(&stranger, "").await;
    assert_eq!(stranger.header("access-control-allow-origin"), None);
}

#[tokio::test]
async fn nothing_changes_by_get_nor_by_what_a_form_can_send() {
    let mut rig = Rig::start();
    let (host, full) = (rig.host(), bearer(super::rig::FULL));
    let mut client = rig.tcp().await;
    let get = client
        .ask(&["GET /v1/session/logout HTTP/1.1", &host, &full], "")
        .await;
    assert_eq!(get.status, 405);
    for kind in [
        "content-type: text/plain",
        "x: y",
        "content-type: application/jsonp",
    ] {
        let lines = ["POST /v1/session/logout HTTP/1.1", &host, &full, kind];
        let answer = client.ask(&lines, "{}").await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (415, "bad_request"),
            "{kind}"
        );
    }
    assert!(rig.requests.try_recv().is_err());
}

#[tokio::test]
async fn bodies_and_heads_have_bounds() {
    let rig = Rig::start();
    let (host, full) = (rig.host(), bearer(super::rig::FULL));
    let json = "content-type: application/json";
    let lines = ["POST /v1/session/logout HTTP/1.1", &host, &full, json];
    let large = format!("{{\"session_id\":\"{}\"}}", "x".repeat(64 * 1024));
    assert_eq!(rig.tcp().await.ask(&lines, &large).await.status, 413);
    let long = format!("x: {}", "x".repeat(64 * 1024));
    let answer = rig.tcp().await.ask(&[FIRST, &host, &long], "").await;
    assert_eq!(answer.status, 431);
}
