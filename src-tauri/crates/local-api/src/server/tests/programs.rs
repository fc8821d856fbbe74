use std::process::Stdio;

use cardea_session::{Command, Reply, Requester};
use tokio::process::Command as Process;

use super::rig::{FULL, ORIGIN, PAGE, READER, Rig, apps, bearer, settings};
use crate::{Caller, Request};

#[tokio::test]
async fn a_program_sees_what_it_may_do() {
    let rig = Rig::start();
    let (host, reader) = (rig.host(), bearer(READER));
    let lines = ["GET /v1/app HTTP/1.1", &host, &reader];
    let answer = rig.tcp().await.ask(&lines, "").await.json();
    assert_eq!(
        (&answer["id"], &answer["name"]),
        (&"reader".into(), &"The program reader".into())
    );
    assert_eq!(answer["scopes"], serde_json::json!(["session:read"]));
    assert_eq!(answer["version"], env!("CARGO_PKG_VERSION"));
    assert!(answer["features"].is_array());
}

#[tokio::test]
async fn health_proves_that_it_knows_the_token() {
    let rig = Rig::start();
    let host = rig.host();
    let mut client = rig.tcp().await;
    let ask = ["GET /v1/health?app=reader&nonce=abc HTTP/1.1", &host];
    let answer = client.ask(&ask, "").await.json();
    assert_eq!(
        (&answer["status"], &answer["boot"]),
        (&"ok".into(), &"boot".into())
    );
    let key = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, READER.as_bytes());
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, key.as_ref());
    let proof = base64::Engine::decode(
        &base64::engine::general_purpose::URL_SAFE_NO_PAD,
        answer["proof"].as_str().unwrap(),
    );
    let message = format!("abc|boot|{}", rig.port);
    aws_lc_rs::hmac::verify(&key, message.as_bytes(), &proof.unwrap()).unwrap();
    let stranger = ["GET /v1/health?app=nobody&nonce=abc HTTP/1.1", &host];
    assert_eq!(
        client.ask(&stranger, "").await.body,
        r#"{"status":"ok","boot":"boot"}"#
    );
    for first in [
        "GET /v1/health HTTP/1.1",
        "GET /v1/health?app=reader HTTP/1.1",
    ] {
        assert_eq!(
            client.ask(&[first, &host], "").await.body,
            r#"{"status":"ok"}"#
        );
    }
    for query in [
        "app=reader&nonce=a|b",
        "app=reader&nonce=",
        "app=reader&app=full&nonce=a",
    ] {
        let first = format!("GET /v1/health?{query} HTTP/1.1");
        assert_eq!(
            client.ask(&[&first, &host], "").await.status,
            400,
            "{query}"
        );
    }
}

#[tokio::test]
async fn health_proves_nothing_to_the_wrong_origin() {
    let rig = Rig::start();
    let (host, origin) = (rig.host(), format!("origin: {ORIGIN}"));
    let mut client = rig.tcp().await;
    let page = "GET /v1/health?app=page&nonce=abc HTTP/1.1";
    let reader = "GET /v1/health?app=reader&nonce=abc HTTP/1.1";
    let proven = client.ask(&[page, &host, &origin], "").await;
    assert!(proven.json()["proof"].is_string());
    for lines in [vec![page, &host], vec![reader, &host, &origin]] {
        let answer = client.ask(&lines, "").await;
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (403, ""),
            "{lines:?}"
        );
    }
}

#[tokio::test]
async fn our_own_programs_need_no_token_on_the_socket_and_act_for_the_user() {
    let mut rig = Rig::start();
    let mut client = rig.socket().await;
    let session = ["GET /v1/session HTTP/1.1", "host: cardea"];
    let session = client.ask(&session, "").await.json();
    assert!(session["session"]["user"].is_object());
    let app = client
        .ask(&["GET /v1/app HTTP/1.1", "host: cardea"], "")
        .await
        .json();
    assert_eq!(app["id"], "cardea");
    assert!(
        !app["scopes"]
            .as_array()
            .unwrap()
            .contains(&"tokens:read".into())
    );
    let cancel = [
        "POST /v1/session/login/cancel HTTP/1.1",
        "host: cardea",
        "content-type: application/json",
    ];
    client.send(&cancel, "{}").await;
    let Some(Request::Command {
        command,
        caller,
        reply,
    }) = rig.requests.recv().await
    else {
        panic!("no command");
    };
    assert_eq!(
        (command, caller),
        (Command::CancelLogin, Caller::OwnProgram)
    );
    reply.send(Ok(Reply::Done)).unwrap();
    assert_eq!(client.answer().await.status, 204);
    let logout = [
        "POST /v1/session/logout HTTP/1.1",
        "host: cardea",
        cancel[2],
    ];
    client.send(&logout, "{}").await;
    let Some(Request::Command { command, .. }) = rig.requests.recv().await else {
        panic!("no command");
    };
    let by = Requester::User;
    assert_eq!(command, Command::Logout { session: None, by });
}

#[tokio::test]
async fn our_own_programs_end_the_agent() {
    let mut rig = Rig::start();
    let stop = [
        "POST /v1/agent/stop HTTP/1.1",
        "host: cardea",
        "content-type: application/json",
    ];
    let mut client = rig.socket().await;
    client.send(&stop, "{}").await;
    let Some(Request::Stop { reply }) = rig.requests.recv().await else {
        panic!("not asked");
    };
    reply.send(()).unwrap();
    assert_eq!(client.answer().await.status, 204);
}

#[tokio::test]
async fn the_address_of_a_login_is_there_for_our_own_programs() {
    let mut rig = Rig::start();
    let mut client = rig.socket().await;
    for (address, expected) in [
        (
            Some("https://cis2.example/authorize"),
            r#"{"address":"https://cis2.example/authorize"}"#,
        ),
        (None, "{}"),
    ] {
        client
            .send(
                &["GET /v1/session/login/address HTTP/1.1", "host: cardea"],
                "",
            )
            .await;
        let Some(Request::LoginAddress { reply }) = rig.requests.recv().await else {
            panic!("not asked");
        };
        reply.send(address.map(str::to_owned)).unwrap();
        assert_eq!(client.answer().await.body, expected);
    }
}

#[tokio::test]
async fn programs_are_listed_without_their_tokens() {
    let rig = Rig::start();
    let answer = rig
        .socket()
        .await
        .ask(&["GET /v1/apps HTTP/1.1", "host: cardea"], "")
        .await;
    let expected = serde_json::json!({
        "id": "page",
        "name": "The program page",
        "scopes": ["session:read"],
        "origins": [ORIGIN],
        "source": "file",
    });
    assert_eq!(answer.json()["apps"][2], expected);
    assert_eq!(answer.json()["apps"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn nothing_that_comes_from_a_browser_is_heard_on_the_socket() {
    let rig = Rig::start();
    for header in [
        "origin: https://clinic.example",
        "referer: https://clinic.example/",
    ] {
        for first in ["GET /v1/session HTTP/1.1", "GET /v1/health HTTP/1.1"] {
            let answer = rig
                .socket()
                .await
                .ask(&[first, "host: cardea", header], "")
                .await;
            assert_eq!(
                (answer.status, answer.body.as_str()),
                (403, ""),
                "{first} {header}"
            );
        }
    }
}

#[tokio::test]
async fn a_page_cannot_use_its_token_on_the_socket() {
    let rig = Rig::start();
    let page = bearer(PAGE);
    let answer = rig
        .socket()
        .await
        .ask(&["GET /v1/app HTTP/1.1", "host: cardea", &page], "")
        .await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (403, "origin_not_allowed")
    );
}

/// Asks on the socket as a program that is not ours: curl. Gives status and body.
async fn curl(rig: &Rig, path: &str, token: Option<&str>) -> (u16, String) {
    let mut curl = Process::new("curl");
    curl.args([
        "--silent",
        "--max-time",
        "10",
        "--write-out",
        "\n%{http_code}",
    ]);
    curl.arg("--unix-socket").arg(&rig.socket);
    if let Some(token) = token {
        curl.args(["--oauth2-bearer", token]);
    }
    curl.arg(format!("http://cardea{path}"))
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let output = String::from_utf8(curl.output().await.unwrap().stdout).unwrap();
    let (body, status) = output.rsplit_once('\n').unwrap();
    (status.parse().unwrap(), body.to_owned())
}

#[tokio::test]
#[cfg_attr(windows, ignore = "no program of Wine's own speaks HTTP to a pipe")]
async fn other_programs_need_their_token_on_the_socket_and_manage_nothing() {
    let rig = Rig::start();
    assert_eq!(curl(&rig, "/v1/session", None).await.0, 401);
    assert_eq!(curl(&rig, "/v1/session", Some(READER)).await.0, 200);
    let (status, body) = curl(&rig, "/v1/apps", Some(FULL)).await;
    assert_eq!(status, 403);
    assert!(body.contains("scope_missing"), "{body}");
}

#[tokio::test]
async fn a_program_that_was_removed_is_told_so() {
    let rig = Rig::start();
    let (host, reader) = (rig.host(), bearer(READER));
    let mut client = rig.tcp().await;
    let lines = ["GET /v1/app HTTP/1.1", &host, &reader];
    assert_eq!(client.ask(&lines, "").await.status, 200);
    rig.apps.follow(&settings(Vec::new()));
    let answer = client.ask(&lines, "").await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (401, "token_revoked")
    );
    rig.apps.follow(&settings(apps()));
    assert_eq!(client.ask(&lines, "").await.status, 200);
}

#[tokio::test]
async fn the_document_is_there_for_programs() {
    let rig = Rig::start();
    let (host, reader) = (rig.host(), bearer(READER));
    let lines = ["GET /v1/openapi.json HTTP/1.1", &host, &reader];
    let answer = rig.tcp().await.ask(&lines, "").await;
    assert_eq!(answer.json()["openapi"], "3.1.0");
}
