use cardea_session::{Refusal, SessionId};

use super::client::{Answer, Client};
use super::rig::{FULL, READER, Rig, bearer};
use crate::{Caller, ReleasedTokens, Request};

const ROUTE: &str = "GET /v1/session/tokens HTTP/1.1";

fn released(access_token: Option<&str>) -> ReleasedTokens {
    ReleasedTokens {
        session_id: SessionId::new("boot.s1"),
        id_token: "head.claims.signature".to_owned().into(),
        exp: 1_760_000_000,
        sid: Some("cis2-session".to_owned()),
        client_id: "client".to_owned(),
        issuer: "https://cis2.example:443/op".to_owned(),
        access_token: access_token.map(|token| token.to_owned().into()),
    }
}

/// Asks, and answers in the controller's place. Gives who asked.
async fn ask(rig: &mut Rig, answer: Result<ReleasedTokens, Refusal>) -> (Caller, Answer) {
    let (host, full) = (rig.host(), bearer(FULL));
    let mut client = rig.tcp().await;
    client.send(&[ROUTE, &host, &full], "").await;
    let Some(Request::Tokens { caller, reply }) = rig.requests.recv().await else {
        panic!("not asked for tokens");
    };
    reply.send(answer).unwrap();
    (caller, client.answer().await)
}

#[tokio::test]
async fn tokens_are_given_to_who_may_have_them_and_are_not_stored() {
    let mut rig = Rig::start();
    let (caller, answer) = ask(&mut rig, Ok(released(None))).await;
    assert_eq!(caller, Caller::App("full".to_owned()));
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let expected = serde_json::json!({
        "session_id": "boot.s1", "id_token": "head.claims.signature", "exp": 1_760_000_000,
        "sid": "cis2-session", "client_id": "client", "issuer": "https://cis2.example:443/op",
    });
    assert_eq!(answer.json(), expected);
    let (_, answer) = ask(&mut rig, Ok(released(Some("at")))).await;
    assert_eq!(answer.json()["access_token"], "at");
}

#[tokio::test]
async fn without_a_session_or_after_their_end_there_are_no_tokens() {
    let mut rig = Rig::start();
    for (refusal, code) in [
        (Refusal::NoSession, "no_session"),
        (Refusal::TokenExpired, "token_expired"),
    ] {
        let (_, answer) = ask(&mut rig, Err(refusal)).await;
        assert_eq!((answer.status, answer.code().as_str()), (409, code));
    }
}

#[tokio::test]
async fn neither_other_programs_nor_our_own_get_tokens() {
    async fn refused(mut client: Client, lines: &[&str]) {
        let answer = client.ask(lines, "").await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (403, "scope_missing")
        );
    }
    let mut rig = Rig::start();
    let (host, reader) = (rig.host(), bearer(READER));
    refused(rig.tcp().await, &[ROUTE, &host, &reader]).await;
    // The test is installed where the server is: one of our own programs.
    refused(rig.socket().await, &[ROUTE, "host: cardea"]).await;
    assert!(rig.requests.try_recv().is_err());
}

#[test]
fn what_is_shown_of_released_tokens_holds_none() {
    let shown = format!("{:?}", released(Some("at")));
    assert_eq!(shown, "ReleasedTokens([redacted])");
}
