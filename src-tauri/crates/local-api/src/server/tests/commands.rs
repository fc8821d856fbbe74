use std::time::Duration;

use cardea_session::{
    AttemptId, Command, FailureCode, LoginMode, Refusal, Reply, Requester, SessionId, Time,
};

use super::client::{Answer, Client};
use super::rig::{FULL, Rig, bearer, settings};
use crate::{ActivityEntry, Caller, Request, WindowError};

const JSON: &str = "content-type: application/json; charset=utf-8";

/// Posts, and answers in the controller's place. Gives what the controller was asked.
async fn post(
    rig: &mut Rig,
    path: &str,
    body: &str,
    reply_with: Result<Reply, Refusal>,
) -> (Command, Caller, Answer) {
    let first = format!("POST {path} HTTP/1.1");
    let (host, full) = (rig.host(), bearer(FULL));
    let mut client = rig.tcp().await;
    client.send(&[&first, &host, &full, JSON], body).await;
    let Some(Request::Command {
        command,
        caller,
        reply,
    }) = rig.requests.recv().await
    else {
        panic!("no command");
    };
    reply.send(reply_with).unwrap();
    (command, caller, client.answer().await)
}

fn attempt() -> Result<Reply, Refusal> {
    Ok(Reply::Attempt(AttemptId::new("boot.a2")))
}

#[tokio::test]
async fn a_login_is_asked_for_in_each_of_its_modes() {
    let mut rig = Rig::start();
    let by = Requester::App;
    for (body, mode) in [
        ("", LoginMode::SignIn),
        ("{}", LoginMode::SignIn),
        (r#"{"reauthenticate":true}"#, LoginMode::Reauthenticate),
        (
            r#"{"change_role":true,"reauthenticate":false}"#,
            LoginMode::ChangeRole,
        ),
    ] {
        let (command, caller, answer) = post(&mut rig, "/v1/session/login", body, attempt()).await;
        assert_eq!(command, Command::Login { mode, by });
        assert_eq!(caller, Caller::App("full".to_owned()));
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (202, r#"{"attempt":"boot.a2"}"#)
        );
    }
}

#[tokio::test]
async fn each_refusal_has_its_own_code() {
    let mut rig = Rig::start();
    let retry_after = Duration::from_millis(9_500);
    for (refusal, status, code) in [
        (Refusal::AlreadySignedIn, 409, "already_signed_in"),
        (Refusal::NoSession, 409, "no_session"),
        (Refusal::RateLimited { retry_after }, 429, "rate_limited"),
        (
            Refusal::CannotSignIn(FailureCode::CardNotRecognised),
            409,
            "card_not_recognised",
        ),
    ] {
        let (_, _, answer) = post(&mut rig, "/v1/session/login", "", Err(refusal)).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code));
        assert_eq!(
            answer.header("retry-after"),
            (status == 429).then_some("10")
        );
    }
}

#[tokio::test]
async fn a_logout_may_name_the_session_it_means() {
    let mut rig = Rig::start();
    let by = Requester::App;
    let path = "/v1/session/logout";
    let (command, _, answer) = post(&mut rig, path, "{}", Ok(Reply::Done)).await;
    assert_eq!(command, Command::Logout { session: None, by });
    assert_eq!((answer.status, answer.body.as_str()), (204, ""));
    let named = r#"{"session_id":"boot.s9"}"#;
    let (command, _, answer) = post(&mut rig, path, named, Err(Refusal::SessionMismatch)).await;
    let session = Some(SessionId::new("boot.s9"));
    assert_eq!(command, Command::Logout { session, by });
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (409, "session_mismatch")
    );
}

#[tokio::test]
async fn activity_is_passed_on() {
    let mut rig = Rig::start();
    let (command, _, answer) = post(&mut rig, "/v1/session/activity", "{}", Ok(Reply::Done)).await;
    assert_eq!(command, Command::Activity { os_idle: None });
    assert_eq!(answer.status, 204);
}

#[tokio::test]
async fn a_body_that_is_not_understood_does_nothing() {
    let mut rig = Rig::start();
    let (host, full) = (rig.host(), bearer(FULL));
    let mut client = rig.tcp().await;
    for (path, body) in [
        (
            "/v1/session/login",
            r#"{"reauthenticate":true,"change_role":true}"#,
        ),
        ("/v1/session/login", r#"{"reauthenticate":1}"#),
        ("/v1/session/login", "[]x"),
        ("/v1/session/login", " [true]"),
        ("/v1/session/logout", r#"["boot.s9"]"#),
        ("/v1/session/logout", r#"{"sesion_id":"boot.s9"}"#),
        (
            "/v1/session/logout",
            r#"{"session_id":"a","session_id":"b"}"#,
        ),
        ("/v1/session/activity", r#"{"user":"me"}"#),
    ] {
        let first = format!("POST {path} HTTP/1.1");
        let answer = client.ask(&[&first, &host, &full, JSON], body).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (400, "bad_request"),
            "{body}"
        );
    }
    assert!(rig.requests.try_recv().is_err());
}

async fn logout(rig: &Rig) -> (Client, [String; 2]) {
    (rig.tcp().await, [rig.host(), bearer(FULL)])
}

#[tokio::test(start_paused = true)]
async fn a_controller_that_does_not_answer_is_a_503() {
    let mut rig = Rig::start();
    let (mut client, [host, full]) = logout(&rig).await;
    let lines = ["POST /v1/session/logout HTTP/1.1", &host, &full, JSON];
    client.send(&lines, "{}").await;
    let silent = rig.requests.recv().await.unwrap();
    let answer = client.answer().await;
    assert_eq!((answer.status, answer.code().as_str()), (503, "agent_busy"));
    drop(silent);
}

#[tokio::test]
async fn a_controller_that_drops_the_question_is_a_503() {
    let mut rig = Rig::start();
    let (mut client, [host, full]) = logout(&rig).await;
    let lines = ["POST /v1/session/logout HTTP/1.1", &host, &full, JSON];
    client.send(&lines, "{}").await;
    drop(rig.requests.recv().await.unwrap());
    let answer = client.answer().await;
    assert_eq!((answer.status, answer.code().as_str()), (503, "agent_busy"));
    assert_eq!(
        client
            .ask(&["GET /v1/app HTTP/1.1", &host, &full], "")
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn the_window_is_opened_or_it_is_said_why_not() {
    let mut rig = Rig::start();
    for (opened, status, code) in [
        (Ok(()), 204, ""),
        (Err(WindowError::NotInstalled), 409, "no_window"),
        (Err(WindowError::NotStarted), 409, "window_not_started"),
    ] {
        let (host, full) = (rig.host(), bearer(FULL));
        let mut client = rig.tcp().await;
        let lines = ["POST /v1/window HTTP/1.1", &host, &full, JSON];
        client.send(&lines, "{}").await;
        let Some(Request::OpenWindow { reply }) = rig.requests.recv().await else {
            panic!("not asked for the window");
        };
        reply.send(opened).unwrap();
        let answer = client.answer().await;
        assert_eq!(answer.status, status);
        if status != 204 {
            assert_eq!(answer.code(), code);
        }
    }
}

#[tokio::test]
async fn what_happened_lately_is_told_to_our_own_programs_only() {
    let mut rig = Rig::start();
    let (host, full) = (rig.host(), bearer(FULL));
    let lines = ["GET /v1/activity HTTP/1.1", &host, &full];
    assert_eq!(rig.tcp().await.ask(&lines, "").await.status, 404);
    let with_token = rig.socket().await.ask(&lines, "").await;
    assert_eq!(with_token.status, 403);

    let mut socket = rig.socket().await;
    socket
        .send(&["GET /v1/activity HTTP/1.1", "host: cardea"], "")
        .await;
    let Some(Request::Activity { reply }) = rig.requests.recv().await else {
        panic!("not asked for what happened");
    };
    let entry = ActivityEntry {
        at: Time::from_unix(0).unwrap(),
        action: "session_ended".to_owned(),
        app: None,
        session_id: Some(SessionId::new("boot.s1")),
        reason: Some("card_removed".to_owned()),
    };
    reply.send(vec![entry]).unwrap();
    assert_eq!(
        socket.answer().await.body,
        r#"{"entries":[{"at":"1970-01-01T00:00:00.000Z","action":"session_ended","session_id":"boot.s1","reason":"card_removed"}]}"#
    );
}

#[tokio::test]
async fn a_program_that_is_shown_out_while_it_still_speaks_is_not_obeyed() {
    let mut rig = Rig::start();
    let (host, token) = (rig.host(), bearer(FULL));
    let mut client = rig.tcp().await;
    let head = format!(
        "POST /v1/session/logout HTTP/1.1\r\n{host}\r\n{token}\r\n\
         content-type: application/json\r\ncontent-length: 2\r\nexpect: 100-continue\r\n\r\n"
    );
    client.send_raw(&head).await;
    // The server asks for the body once it has let the caller in.
    assert_eq!(client.answer().await.status, 100);
    rig.apps.follow(&settings(Vec::new()));
    client.send_raw("{}").await;
    let refused = client.answer().await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (401, "token_revoked")
    );
    assert!(rig.requests.try_recv().is_err());
}
