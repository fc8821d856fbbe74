//! Connections, directly and through proxies.

use super::*;

/// A provider that is elsewhere, as far as a proxy is concerned.
const ELSEWHERE: &str = "https://cis2.example/op";

fn problem(connection: &Step<Connection, NoConnection>) -> &ConnectionProblem {
    match connection {
        Step::Fails(NoConnection { failed }) => &failed.last().unwrap().problem,
        Step::Works(_) | Step::NotApplicable(_) => panic!("{connection:?}"),
    }
}

#[tokio::test]
async fn who_listens_is_connected_to() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}/op", listener.local_addr().unwrap());
    let connection = of_issuer(&issuer).connection().await;
    let connection = connection.works().unwrap();
    assert_eq!(connection.way, Way::Direct);
    assert!(connection.failed.is_empty());
}

#[tokio::test]
async fn where_nobody_listens_it_is_refused() {
    let nobody = Nobody::new();
    let issuer = format!("http://{}/op", nobody.address());
    let connection = of_issuer(&issuer).connection().await;
    let problem = problem(&connection);
    assert!(matches!(problem, ConnectionProblem::Refused), "{problem:?}");
}

#[tokio::test]
async fn a_name_that_is_not_found_is_told_from_a_server_that_is_not() {
    let issuer = format!("https://{}.example/", "x".repeat(64));
    let connection = by_ways(&issuer, vec![Route::Direct]).connection().await;
    let problem = problem(&connection);
    assert!(matches!(problem, ConnectionProblem::Name(_)), "{problem:?}");
}

#[tokio::test]
async fn a_proxy_is_asked_for_the_provider_and_for_nothing_else() {
    let mut proxy = Peer::saying("HTTP/1.0 200 OK\r\nVia: x\r\n\r\n").await;
    let examination = by_ways(ELSEWHERE, vec![proxy_at(proxy.address)]);
    let connection = examination.connection().await;
    assert_eq!(connection.works().unwrap().way, way_at(proxy.address));
    let asked = proxy.asked().await;
    let expected = "CONNECT cis2.example:443 HTTP/1.1\r\nHost: cis2.example:443\r\n\r\n";
    assert_eq!(asked, expected);
}

#[tokio::test]
async fn what_a_proxy_says_is_told_apart() {
    for (answer, says) in [
        (
            "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n".to_owned(),
            "the proxy asks who is there",
        ),
        (
            "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n".to_owned(),
            "the proxy refuses (status 403)",
        ),
        (
            "HTTP/1.1 200 OK\r\nX: ".to_owned(),
            "the proxy breaks the connection off",
        ),
        (
            "220 mail.example ESMTP\r\n\r\n".to_owned(),
            "what answers at the proxy's address is no proxy",
        ),
        (
            "HTTP/1.1 200".to_owned() + &"x".repeat(9000),
            "what answers at the proxy's address is no proxy",
        ),
    ] {
        let proxy = Peer::saying(answer).await;
        let examination = by_ways(ELSEWHERE, vec![proxy_at(proxy.address)]);
        let connection = examination.connection().await;
        assert_eq!(problem(&connection).to_string(), says);
    }
}

#[tokio::test(start_paused = true)]
async fn a_proxy_that_does_not_answer_is_given_up() {
    let proxy = Peer::silent().await;
    let examination = by_ways(ELSEWHERE, vec![proxy_at(proxy.address)]);
    let connection = examination.connection().await;
    let problem = problem(&connection);
    let late = matches!(problem, ConnectionProblem::TimedOut);
    assert!(late, "{problem:?}");
}

#[tokio::test]
async fn a_proxy_that_fails_is_told_and_the_next_is_tried() {
    let refusing = Peer::saying("HTTP/1.1 502 Bad Gateway\r\n\r\n").await;
    let good = Peer::saying("HTTP/1.1 200 OK\r\n\r\n").await;
    let over_tls = Route::Through("https://127.0.0.1:9".parse().unwrap());
    let nobody = Nobody::new();
    let routes = vec![
        proxy_at(nobody.address()),
        over_tls,
        proxy_at(refusing.address),
        proxy_at(good.address),
    ];
    let connection = by_ways(ELSEWHERE, routes).connection().await;
    let connection = connection.works().unwrap();
    assert_eq!(connection.way, way_at(good.address));
    let failed: Vec<_> = connection
        .failed
        .iter()
        .map(|failed| failed.problem.to_string())
        .collect();
    assert_eq!(
        failed,
        [
            "the connection is refused",
            "a proxy of this kind is not examined",
            "the proxy refuses (status 502)"
        ]
    );
    assert_eq!(connection.failed[2].way, way_at(refusing.address));
}
