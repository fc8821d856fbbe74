use cardea_session::{CheckCounts, DoctorEvent};
use serde_json::json;
use tokio::sync::mpsc;

use super::rig::{FULL, Rig, bearer};
use crate::Request;

const ASK: [&str; 3] = [
    "POST /v1/doctor HTTP/1.1",
    "host: cardea",
    "content-type: application/json",
];

/// Takes the question, and gives what the checks are told by.
async fn asked(rig: &mut Rig, with_cis2: bool) -> mpsc::Sender<DoctorEvent> {
    let Some(Request::Doctor { cis2, reply, .. }) = rig.requests.recv().await else {
        panic!("not asked for the doctor");
    };
    assert_eq!(cis2, with_cis2);
    let (tell, events) = mpsc::channel(1);
    reply.send(Some(events)).unwrap();
    tell
}

fn started(id: &str) -> DoctorEvent {
    DoctorEvent::Started {
        id: id.to_owned(),
        title: "A check".to_owned(),
    }
}

#[tokio::test]
async fn checks_are_told_as_they_go_and_the_stream_ends_with_them() {
    let mut rig = Rig::start();
    let mut socket = rig.socket().await;
    socket.send(&ASK, r#"{"cis2":true}"#).await;
    let tell = asked(&mut rig, true).await;
    let mut stream = socket.opened().await;
    tell.send(started("version")).await.unwrap();
    assert_eq!(
        stream.next().await.unwrap().data,
        json!({"event": "check.started", "id": "version", "title": "A check"})
    );
    let counts = CheckCounts {
        ok: 1,
        ..CheckCounts::default()
    };
    tell.send(DoctorEvent::Done { counts }).await.unwrap();
    assert_eq!(stream.next().await.unwrap().data["counts"]["ok"], 1);
    drop(tell);
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn whoever_goes_away_ends_the_checks_and_a_stop_ends_the_stream() {
    let mut rig = Rig::start();
    let mut socket = rig.socket().await;
    socket.send(&ASK, "{}").await;
    let tell = asked(&mut rig, false).await;
    drop(socket.opened().await);
    tell.closed().await;

    let mut socket = rig.socket().await;
    socket.send(&ASK, "{}").await;
    let tell = asked(&mut rig, false).await;
    let mut stream = socket.opened().await;
    rig.stop().await;
    assert!(stream.next().await.is_none());
    tell.closed().await;
}

#[tokio::test]
async fn only_our_own_programs_may_ask_and_one_at_a_time() {
    let mut rig = Rig::start();
    let full = bearer(FULL);
    let host = rig.host();
    let lines = [ASK[0], &host, &full, ASK[2]];
    assert_eq!(rig.tcp().await.ask(&lines, "{}").await.status, 404);
    let lines = [ASK[0], ASK[1], &full, ASK[2]];
    assert_eq!(rig.socket().await.ask(&lines, "{}").await.status, 403);
    assert_eq!(
        rig.socket().await.ask(&ASK, r#"{"all":true}"#).await.status,
        400
    );

    let mut socket = rig.socket().await;
    socket.send(&ASK, "{}").await;
    let Some(Request::Doctor { reply, .. }) = rig.requests.recv().await else {
        panic!("not asked for the doctor");
    };
    reply.send(None).unwrap();
    let refused = socket.answer().await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (409, "doctor_running")
    );
}
