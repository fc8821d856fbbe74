//! Logout tokens, handed in on the local socket.

use super::client::Answer;
use super::rig::{FULL, READER, Rig, bearer};
use crate::{LogoutAnswer, Request};

const POST: &str = "POST /v1/session/logout-token HTTP/1.1";
const FORM: &str = "content-type: application/x-www-form-urlencoded";

/// Hands a form in, and answers in the controller's place. Gives the token that it was asked about.
async fn hand_in(rig: &mut Rig, form: &str, said: LogoutAnswer) -> (String, Answer) {
    let mut client = rig.socket().await;
    client.send(&[POST, "host: cardea", FORM], form).await;
    let Some(Request::LogoutToken { token, reply }) = rig.requests.recv().await else {
        panic!("not asked");
    };
    assert_eq!(format!("{token:?}"), "LogoutToken([redacted])");
    reply.send(said).unwrap();
    (token.into_text(), client.answer().await)
}

#[tokio::test]
async fn a_logout_token_is_handed_in_as_the_standards_form() {
    let mut rig = Rig::start();
    for form in ["logout_token=a.b%2D.c", "more=1&logout_token=a.b-.c&x="] {
        let (token, answer) = hand_in(&mut rig, form, LogoutAnswer::Good).await;
        assert_eq!(token, "a.b-.c");
        assert_eq!((answer.status, answer.body.as_str()), (200, "{}"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
}

#[tokio::test]
async fn a_logout_token_that_is_refused_is_a_bad_request() {
    let mut rig = Rig::start();
    let (_, answer) = hand_in(&mut rig, "logout_token=a", LogoutAnswer::Refused).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (400, "logout_token_invalid")
    );
}

#[tokio::test]
async fn a_form_without_exactly_one_token_is_refused_at_once() {
    let rig = Rig::start();
    for form in ["", "token=a", "logout_token=a&logout_token=b"] {
        let lines = [POST, "host: cardea", FORM];
        let answer = rig.socket().await.ask(&lines, form).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (400, "logout_token_invalid"),
            "{form}"
        );
    }
    let json = [POST, "host: cardea", "content-type: application/json"];
    let answer = rig.socket().await.ask(&json, "{}").await;
    assert_eq!(answer.status, 415);
    let large = format!("logout_token={}", "a".repeat(64 * 1024));
    let lines = [POST, "host: cardea", FORM];
    assert_eq!(rig.socket().await.ask(&lines, &large).await.status, 413);
}

#[tokio::test]
async fn logout_tokens_are_taken_on_the_socket_only_and_by_the_scope() {
    let mut rig = Rig::start();
    let (host, full, reader) = (rig.host(), bearer(FULL), bearer(READER));
    let by_port = [POST, &host, &full, FORM];
    let answer = rig.tcp().await.ask(&by_port, "logout_token=a").await;
    assert_eq!((answer.status, answer.code().as_str()), (404, "not_found"));
    let by_reader = [POST, "host: cardea", &reader, FORM];
    let answer = rig.socket().await.ask(&by_reader, "logout_token=a").await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (403, "scope_missing")
    );
    let mut client = rig.socket().await;
    let by_program = [POST, "host: cardea", &full, FORM];
    client.send(&by_program, "logout_token=a").await;
    let asked = rig.requests.recv().await;
    assert!(matches!(asked, Some(Request::LogoutToken { .. })));
}

#[tokio::test(start_paused = true)]
async fn a_check_may_take_as_long_as_the_provider_for_its_keys() {
    let mut rig = Rig::start();
    let mut socket = rig.socket().await;
    let lines = [
        "POST /v1/session/logout-token HTTP/1.1",
        "host: cardea",
        "content-type: application/x-www-form-urlencoded",
    ];
    socket.send(&lines, "logout_token=a.b.c").await;
    let Some(Request::LogoutToken { reply, .. }) = rig.requests.recv().await else {
        panic!("no logout token");
    };
    tokio::time::sleep(std::time::Duration::from_secs(30)).await;
    reply.send(LogoutAnswer::Good).unwrap();
    assert_eq!(socket.answer().await.status, 200);
}
