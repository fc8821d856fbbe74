use std::time::Duration;

use cardea_session::Scope;
use tokio::time::Instant;

use super::rig::{FULL, READER, Rig, apps, bearer, settings};

#[tokio::test]
async fn a_poller_gets_the_snapshot_once_and_then_not_modified() {
    let mut rig = Rig::start();
    let (host, token) = (rig.host(), bearer(READER));
    let mut client = rig.tcp().await;
    let first = client
        .ask(&["GET /v1/session HTTP/1.1", &host, &token], "")
        .await;
    assert_eq!(first.status, 200);
    assert_eq!(first.header("content-type"), Some("application/json"));
    assert_eq!(first.header("cache-control"), Some("no-store"));
    assert_eq!(first.json()["revision"], 1);
    let known = format!("if-none-match: {}", first.header("etag").unwrap());
    let lines = ["GET /v1/session HTTP/1.1", &host, &token, &known];
    let second = client.ask(&lines, "").await;
    assert_eq!((second.status, second.body.as_str()), (304, ""));
    assert_eq!(second.header("etag"), first.header("etag"));
    rig.publish(vec![]);
    let third = client.ask(&lines, "").await;
    assert_eq!((third.status, &third.json()["revision"]), (200, &2.into()));
}

#[tokio::test]
async fn who_is_signed_in_takes_a_scope_and_another_tag() {
    let rig = Rig::start();
    let host = rig.host();
    let mut client = rig.tcp().await;
    let (reader, full) = (bearer(READER), bearer(FULL));
    let without = client
        .ask(&["GET /v1/session HTTP/1.1", &host, &reader], "")
        .await;
    assert!(without.json()["session"].get("user").is_none());
    let known = format!("if-none-match: {}", without.header("etag").unwrap());
    let with = client
        .ask(&["GET /v1/session HTTP/1.1", &host, &full, &known], "")
        .await;
    assert_eq!(with.status, 200);
    assert!(with.json()["session"]["user"].is_object());
}

async fn tag(rig: &Rig) -> String {
    let (host, token) = (rig.host(), bearer(READER));
    let lines = ["GET /v1/session HTTP/1.1", &host, &token];
    let answer = rig.tcp().await.ask(&lines, "").await;
    format!("if-none-match: {}", answer.header("etag").unwrap())
}

#[tokio::test]
async fn a_waiting_poller_is_answered_by_the_change() {
    let mut rig = Rig::start();
    let (host, token, known) = (rig.host(), bearer(READER), tag(&rig).await);
    let mut client = rig.tcp().await;
    client
        .send(
            &["GET /v1/session?wait=25 HTTP/1.1", &host, &token, &known],
            "",
        )
        .await;
    rig.publish(vec![]);
    assert_eq!(client.answer().await.json()["revision"], 2);
}

#[tokio::test(start_paused = true)]
async fn a_waiting_poller_is_told_when_nothing_changed() {
    let rig = Rig::start();
    let (host, token, known) = (rig.host(), bearer(READER), tag(&rig).await);
    let mut client = rig.tcp().await;
    let start = Instant::now();
    let lines = ["GET /v1/session?wait=25 HTTP/1.1", &host, &token, &known];
    assert_eq!(client.ask(&lines, "").await.status, 304);
    assert!(start.elapsed() >= Duration::from_secs(25));
}

#[tokio::test]
async fn a_wait_without_a_tag_is_answered_at_once_and_an_odd_one_refused() {
    let rig = Rig::start();
    let (host, token, known) = (rig.host(), bearer(READER), tag(&rig).await);
    let mut client = rig.tcp().await;
    let lines = ["GET /v1/session?wait=25 HTTP/1.1", &host, &token];
    assert_eq!(client.ask(&lines, "").await.status, 200);
    for wait in ["wait=0", "wait=26", "wait=x", "wait=1&wait=2", "wait=-1"] {
        let first = format!("GET /v1/session?{wait} HTTP/1.1");
        for lines in [
            &[first.as_str(), &host, &token, &known][..],
            &[&first, &host, &token],
        ] {
            let answer = client.ask(lines, "").await;
            assert_eq!(
                (answer.status, answer.code().as_str()),
                (400, "bad_request"),
                "{wait}"
            );
        }
    }
}

#[tokio::test]
async fn a_waiting_poller_is_answered_at_the_stop_and_at_its_revocation() {
    let mut rig = Rig::start();
    let (host, token, known) = (rig.host(), bearer(READER), tag(&rig).await);
    let lines = ["GET /v1/session?wait=25 HTTP/1.1", &host, &token, &known];
    let mut revoked = rig.tcp().await;
    revoked.send(&lines, "").await;
    rig.until_read_by(2).await;
    rig.apps.follow(&settings(apps().split_off(1)));
    let answer = revoked.answer().await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (401, "token_revoked")
    );
    let full = bearer(FULL);
    let mut later = rig.tcp().await;
    let with = later
        .ask(&["GET /v1/session HTTP/1.1", &host, &full], "")
        .await;
    let known = format!("if-none-match: {}", with.header("etag").unwrap());
    later
        .send(
            &["GET /v1/session?wait=25 HTTP/1.1", &host, &full, &known],
            "",
        )
        .await;
    rig.until_read_by(2).await;
    let answered = async { later.answer().await.status };
    let (status, ()) = tokio::join!(answered, rig.stop());
    assert_eq!(status, 304);
}

#[tokio::test]
async fn a_waiting_poller_that_loses_a_scope_is_not_told_that_it_is_out() {
    let rig = Rig::start();
    let (host, token) = (rig.host(), bearer(FULL));
    let first = ["GET /v1/session HTTP/1.1", &host, &token];
    let known = rig.tcp().await.ask(&first, "").await;
    let known = format!("if-none-match: {}", known.header("etag").unwrap());
    let mut client = rig.tcp().await;
    let lines = ["GET /v1/session?wait=25 HTTP/1.1", &host, &token, &known];
    client.send(&lines, "").await;
    rig.until_read_by(2).await;
    let mut fewer = apps();
    fewer[1].scopes = [Scope::SessionRead].into_iter().collect();
    rig.apps.follow(&settings(fewer));
    assert_eq!(client.answer().await.status, 304);
    let next = client.ask(&lines, "").await;
    assert_eq!(next.status, 200);
    assert!(next.json()["session"]["user"].is_null());
}
