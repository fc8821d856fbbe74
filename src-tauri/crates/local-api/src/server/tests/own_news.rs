//! What Cardea's own programs are told beside the session.

use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use super::client::Stream;
use super::pairing::{ASK, PAGE_ORIGIN, approve, ask, claim, manage};
use super::rig::{FULL, Rig, apps, bearer, ended, settings};

/// The stream of one of Cardea's own programs, with its snapshot read.
async fn own_stream(rig: &Rig, last: Option<&str>) -> Stream {
    let last = last.map(|id| format!("last-event-id: {id}"));
    let mut lines = vec!["GET /v1/events HTTP/1.1", "host: cardea"];
    lines.extend(last.as_deref());
    let mut stream = rig.socket().await.stream(&lines).await;
    while stream.next().await.unwrap().event != "snapshot" {}
    stream
}

/// Heartbeats after which something else must have been told: more than a pairing lasts.
const BEATS: usize = 14;

/// The next thing told but heartbeats: its name, and the count.
async fn told(stream: &mut Stream) -> (String, Option<u64>) {
    for _ in 0..BEATS {
        let message = stream.next().await.unwrap();
        if message.event != "heartbeat" {
            let is_own = message.event.ends_with("s.changed");
            assert_eq!(message.id.is_none(), is_own, "{}", message.event);
            return (message.event, message.data["count"].as_u64());
        }
    }
    panic!("nothing is told")
}

fn waiting(count: u64) -> (String, Option<u64>) {
    ("pairings.changed".to_owned(), Some(count))
}

async fn pairing(rig: &Rig, origin: &str) -> Value {
    let asked = ask(rig, Some(origin), ASK).await;
    assert_eq!(asked.status, 201);
    asked.json()
}

async fn decline(rig: &Rig, pairing: &Value) -> u16 {
    let id = pairing["id"].as_str().unwrap();
    let first = format!("POST /v1/pairings/{id}/decline");
    manage(rig, &first, "{}").await.status
}

#[tokio::test]
async fn whatever_becomes_of_a_pairing_its_own_programs_know_how_many_wait() {
    let rig = Rig::start();
    let mut stream = own_stream(&rig, None).await;
    let first = pairing(&rig, PAGE_ORIGIN).await;
    assert_eq!(told(&mut stream).await, waiting(1));
    let second = pairing(&rig, "origin: https://b.example").await;
    assert_eq!(told(&mut stream).await, waiting(2));
    let third = pairing(&rig, "origin: https://c.example").await;
    assert_eq!(told(&mut stream).await, waiting(3));

    let code = first["code"].as_str().unwrap();
    assert_eq!(approve(&rig, &first, code).await.status, 204);
    assert_eq!(told(&mut stream).await, waiting(2));
    // Nobody waits less for it, and nothing is told.
    let token = claim(&rig, &first, &first["claim_secret"]).await;
    assert_eq!(token.status, 200);
    assert_eq!(decline(&rig, &second).await, 204);
    assert_eq!(told(&mut stream).await, waiting(1));
    for _ in 0..5 {
        approve(&rig, &third, "wrong").await;
    }
    assert_eq!(told(&mut stream).await, waiting(0));
}

#[tokio::test(start_paused = true)]
async fn a_pairing_that_nobody_answers_ends_in_time_and_that_is_told() {
    let rig = Rig::start();
    let mut stream = own_stream(&rig, None).await;
    let start = Instant::now();
    pairing(&rig, PAGE_ORIGIN).await;
    assert_eq!(told(&mut stream).await, waiting(1));
    assert_eq!(told(&mut stream).await, waiting(0));
    let took = start.elapsed();
    let limit = Duration::from_secs(120);
    assert!(
        (limit..limit + Duration::from_secs(2)).contains(&took),
        "{took:?}"
    );
}

#[tokio::test]
async fn whoever_waits_when_pairing_is_switched_off_waits_no_longer() {
    let rig = Rig::start();
    let mut stream = own_stream(&rig, None).await;
    pairing(&rig, PAGE_ORIGIN).await;
    assert_eq!(told(&mut stream).await, waiting(1));
    rig.apps.follow(&crate::Settings {
        pairing: false,
        ..settings(apps())
    });
    assert_eq!(told(&mut stream).await, waiting(0));
}

#[tokio::test]
async fn other_settings_are_told_at_once_and_never_later() {
    let mut rig = Rig::start();
    let mut stream = own_stream(&rig, None).await;
    rig.publisher.settings_changed();
    assert_eq!(
        told(&mut stream).await,
        ("settings.changed".to_owned(), None)
    );
    pairing(&rig, PAGE_ORIGIN).await;
    assert_eq!(told(&mut stream).await, waiting(1));
    for last in [None, Some("boot-1-0")] {
        let mut later = own_stream(&rig, last).await;
        rig.publish(vec![ended()]);
        assert_eq!(told(&mut later).await.0, "session.ended");
    }
    assert_eq!(told(&mut stream).await.0, "session.ended");
}

#[tokio::test]
async fn a_program_with_a_token_is_told_of_neither_wherever_it_calls_from() {
    let mut rig = Rig::start();
    let by_port = rig.stream(FULL, None).await;
    let bearer = bearer(FULL);
    let lines = ["GET /v1/events HTTP/1.1", "host: cardea", &bearer];
    let by_socket = rig.socket().await.stream(&lines).await;
    let mut own = own_stream(&rig, None).await;
    let mut streams = [by_port, by_socket];
    for stream in &mut streams {
        assert_eq!(stream.next().await.unwrap().event, "snapshot");
    }
    pairing(&rig, PAGE_ORIGIN).await;
    assert_eq!(told(&mut own).await, waiting(1));
    rig.publisher.settings_changed();
    assert_eq!(told(&mut own).await.0, "settings.changed");
    rig.publish(vec![ended()]);
    for stream in &mut streams {
        assert_eq!(told(stream).await.0, "session.ended");
    }
}
