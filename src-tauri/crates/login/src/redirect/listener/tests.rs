use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;
use crate::testing::{Seen, TestBrowser};
use crate::{Secret, Settings, Stop};

const STATE: &str = "the-state";

fn listening() -> (Listener, String) {
    let settings = Settings {
        redirect_ports: Vec::new(),
        ..Settings::default()
    };
    let redirect = Redirect::bind(&settings).unwrap();
    let uri = redirect.uri();
    let awaited = Awaited {
        authority: redirect.authority(),
        path: redirect.path().to_owned(),
        state: Secret::new(STATE.to_owned()),
        issuer: "https://cis2.example".to_owned(),
        issuer_required: false,
    };
    (Listener::start(redirect, awaited, Language::English), uri)
}

fn come_back(uri: &str) -> JoinHandle<Seen> {
    let address = format!("{uri}?code=the-code&state={STATE}");
    tokio::spawn(async move { TestBrowser::visit(&address).await })
}

async fn advance(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

#[tokio::test]
async fn the_browser_waits_for_the_result_and_then_shows_it_without_the_code() {
    let (mut listener, uri) = listening();
    let browser = come_back(&uri);
    assert!(matches!(listener.callback().await, Some(Callback::Code(_))));
    assert!(!browser.is_finished());
    let _server = listener.refuse(FailureCode::LoginRefused);
    let seen = browser.await.unwrap();
    assert!(seen.page.contains("login_refused"));
    assert_eq!(seen.addresses.last(), Some(&format!("{uri}/result")));
}

#[tokio::test]
async fn the_browser_does_not_wait_longer_than_fifteen_seconds() {
    let (mut listener, uri) = listening();
    let browser = come_back(&uri);
    assert!(listener.callback().await.is_some());
    advance(RESULT_LIMIT).await;
    let seen = timeout(RESULT_LIMIT, browser)
        .await
        .expect("it still waits");
    assert!(seen.unwrap().page.contains("taking longer"));
}

#[tokio::test]
async fn a_page_that_is_loaded_again_gets_the_same_answer() {
    let (mut listener, uri) = listening();
    let browsers = [come_back(&uri), come_back(&uri)];
    assert!(listener.callback().await.is_some());
    let (_server, answer) = listener.hand_over(Stop::default());
    answer.signed_in();
    let [first, second] = browsers;
    // The server may be gone for the slower one once a result page was shown.
    let pages = [first.await.unwrap().page, second.await.unwrap().page];
    assert!(pages.iter().any(|page| page.contains("You are signed in")));
}

#[tokio::test]
async fn the_server_ends_by_itself_when_the_result_was_shown_or_nobody_asks() {
    let (mut listener, uri) = listening();
    let browser = come_back(&uri);
    assert!(listener.callback().await.is_some());
    let mut server = listener.refuse(FailureCode::LoginRefused);
    browser.await.unwrap();
    (&mut server.0).await.unwrap();

    let (listener, _) = listening();
    let mut server = listener.refuse(FailureCode::LoginRefused);
    advance(LINGER).await;
    (&mut server.0).await.unwrap();
}

#[tokio::test]
async fn a_connection_that_says_nothing_is_closed() {
    let (_listener, uri) = listening();
    let authority = uri
        .trim_start_matches("http://")
        .trim_end_matches("/callback");
    let mut silent = TcpStream::connect(authority).await.unwrap();
    silent.write_all(b"GET /call").await.unwrap();
    // The server has to have the connection before its limit can pass.
    let other = TestBrowser::visit(&format!("{uri}/result")).await;
    assert!(other.page.contains("taking longer"));
    advance(REQUEST_LIMIT).await;
    let mut rest = Vec::new();
    let closed = timeout(REQUEST_LIMIT, silent.read_to_end(&mut rest)).await;
    assert!(closed.is_ok());
}

#[tokio::test]
async fn whoever_only_sits_there_does_not_keep_the_browser_out() {
    let (_listener, uri) = listening();
    let authority = uri
        .trim_start_matches("http://")
        .trim_end_matches("/callback");
    let mut idle = Vec::new();
    for _ in 0..CONNECTIONS + 8 {
        idle.push(TcpStream::connect(authority).await.unwrap());
    }
    let page = format!("{uri}/result");
    let visit = TestBrowser::visit(&page);
    let seen = timeout(REQUEST_LIMIT / 2, visit).await.unwrap();
    assert!(seen.page.contains("taking longer"));
}

#[tokio::test]
async fn a_dropped_listener_falls_silent() {
    let (listener, uri) = listening();
    drop(listener);
    tokio::task::yield_now().await;
    let authority = uri
        .trim_start_matches("http://")
        .trim_end_matches("/callback");
    assert!(TcpStream::connect(authority).await.is_err());
}
