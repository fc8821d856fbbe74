use std::time::Duration;

use cardea_session::Event;
use futures_util::future::join_all;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::Instant;

use super::client::{Client, Stream};
use super::rig::{FULL, READER, Rig, apps, bearer, ended, settings};

fn removed() -> Event {
    Event::CardRemoved {
        reader: "x".repeat(2_000),
    }
}

#[tokio::test]
async fn a_stream_begins_with_the_snapshot_and_brings_the_end_first() {
    let mut rig = Rig::start();
    let mut stream = rig.stream(READER, None).await;
    let opening = stream.next().await.unwrap();
    assert_eq!(
        (opening.event.as_str(), opening.id.as_deref()),
        ("snapshot", Some("boot-1-0"))
    );
    assert_eq!(opening.data["snapshot"]["revision"], 1);
    assert!(opening.data["snapshot"]["session"].get("user").is_none());
    rig.publish(vec![ended()]);
    let end = stream.next().await.unwrap();
    assert_eq!(end.event, "session.ended");
    assert_eq!(
        (&end.data["reason"], &end.data["revision"]),
        (&"card_removed".into(), &2.into())
    );
    assert_eq!(stream.next().await.unwrap().event, "snapshot");
}

#[tokio::test]
async fn a_program_that_comes_back_gets_what_it_missed() {
    let mut rig = Rig::start();
    rig.publish(vec![ended()]);
    let mut stream = rig.stream(FULL, Some("boot-1-0")).await;
    let missed = stream.next().await.unwrap();
    assert_eq!(
        (missed.event.as_str(), &missed.data["replayed"]),
        ("session.ended", &true.into())
    );
    assert!(stream.next().await.unwrap().data["snapshot"]["session"]["user"].is_object());
    let mut stream = rig.stream(FULL, Some("last-boot-1-0")).await;
    let gap = stream.next().await.unwrap();
    assert_eq!((gap.event.as_str(), gap.id), ("gap", None));
}

#[tokio::test(start_paused = true)]
async fn a_quiet_stream_says_every_ten_seconds_that_it_is_there() {
    let rig = Rig::start();
    let mut stream = rig.stream(READER, None).await;
    stream.next().await.unwrap();
    let start = Instant::now();
    for beat in 1..=20 {
        let message = stream.next().await.unwrap();
        assert_eq!((message.event.as_str(), message.id), ("heartbeat", None));
        assert_eq!(message.data["revision"], 1);
        assert!(start.elapsed() >= Duration::from_secs(10 * beat) - Duration::from_secs(1));
    }
}

#[tokio::test]
async fn each_of_many_programs_sees_each_of_a_thousand_quick_changes() {
    let mut rig = Rig::start();
    let mut streams = Vec::new();
    for _ in 0..8 {
        let mut stream = rig.stream(READER, None).await;
        stream.next().await.unwrap();
        streams.push(stream);
    }
    for _ in 0..1_000 {
        rig.publish(vec![ended()]);
    }
    // All at the same time: who is not read for long is dropped.
    join_all(streams.into_iter().map(async |mut stream| {
        for revision in 2..=1_001 {
            for event in ["session.ended", "snapshot"] {
                let message = stream.next().await.unwrap();
                assert_eq!(message.event, event);
                assert_eq!(message.data["revision"], revision);
            }
        }
    }))
    .await;
}

/// A stream whose program takes little into its own buffer, and does not read.
async fn sleeper(rig: &Rig) -> Stream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    let wire: TcpStream = socket
        .connect(([127, 0, 0, 1], rig.port).into())
        .await
        .unwrap();
    let (host, token) = (rig.host(), bearer(READER));
    let lines = ["GET /v1/events HTTP/1.1", &host, &token];
    Client::new(wire).stream(&lines).await
}

#[tokio::test(start_paused = true)]
async fn a_program_that_does_not_read_is_dropped_and_delays_nobody() {
    let mut rig = Rig::start();
    let sleeper = sleeper(&rig).await;
    let mut reader = rig.stream(FULL, None).await;
    reader.next().await.unwrap();
    for _ in 0..900 {
        let revision = rig.publish(vec![removed()]);
        assert_eq!(reader.next().await.unwrap().data["revision"], revision);
        assert_eq!(reader.next().await.unwrap().event, "snapshot");
    }
    // Nothing but the sleeper's end is left to wait for before the next heartbeat.
    while reader.next().await.unwrap().event != "heartbeat" {}
    assert!(sleeper.breaks_off().await);
    rig.publish(vec![ended()]);
    while reader.next().await.unwrap().event != "session.ended" {}
}

#[tokio::test]
async fn a_program_that_loses_its_place_or_a_scope_loses_its_streams_at_once() {
    let mut rig = Rig::start();
    let mut narrowed = rig.stream(FULL, None).await;
    narrowed.next().await.unwrap();
    let mut kept = rig.stream(READER, None).await;
    kept.next().await.unwrap();
    let mut fewer = apps();
    fewer[1].scopes = [cardea_session::Scope::SessionRead].into_iter().collect();
    rig.apps.follow(&settings(fewer));
    assert!(narrowed.next().await.is_none());
    rig.publish(vec![]);
    assert_eq!(kept.next().await.unwrap().event, "snapshot");
    rig.apps.follow(&settings(Vec::new()));
    assert!(kept.next().await.is_none());
}

#[tokio::test]
async fn a_program_that_gains_a_scope_keeps_its_streams() {
    let mut rig = Rig::start();
    let mut stream = rig.stream(READER, None).await;
    stream.next().await.unwrap();
    let mut more = apps();
    more[0].scopes = cardea_session::Scope::ALL.into_iter().collect();
    rig.apps.follow(&settings(more));
    rig.publish(vec![]);
    assert_eq!(stream.next().await.unwrap().event, "snapshot");
}

#[tokio::test]
async fn at_the_stop_streams_bring_the_last_change_and_end() {
    let mut rig = Rig::start();
    let mut stream = rig.stream(READER, None).await;
    stream.next().await.unwrap();
    rig.publish(vec![ended()]);
    let read = async {
        assert_eq!(stream.next().await.unwrap().event, "session.ended");
        assert_eq!(stream.next().await.unwrap().event, "snapshot");
        assert!(stream.next().await.is_none());
    };
    tokio::join!(read, rig.stop());
}

#[tokio::test]
async fn a_program_has_so_many_streams_and_no_more() {
    let rig = Rig::start();
    let mut streams = Vec::new();
    for _ in 0..16 {
        streams.push(rig.stream(READER, None).await);
    }
    let (host, reader) = (rig.host(), bearer(READER));
    let lines = ["GET /v1/events HTTP/1.1", &host, &reader];
    let answer = rig.tcp().await.ask(&lines, "").await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (503, "too_many_connections")
    );
    streams.push(rig.stream(FULL, None).await);
}
