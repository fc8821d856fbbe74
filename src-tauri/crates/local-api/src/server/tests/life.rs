use std::net::TcpListener;

use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::time::{Duration, Instant};

use super::rig::{READER, Rig, apps, bearer, places_in};
use crate::feed;
use crate::feed::sample;
use crate::os::testing::{is_private, socket_is_there};
use crate::server::{BindError, Holder, Server, Settings, WhenPortTaken};

fn settings(port: u16, when_port_taken: WhenPortTaken) -> Settings {
    Settings {
        port,
        when_port_taken,
        ..super::rig::settings(apps())
    }
}

fn bind(folder: &TempDir, settings: Settings) -> Result<Server, BindError> {
    let places = places_in(folder);
    let (_, feed) = feed(&sample::snapshot(1));
    Server::bind(settings, &places, feed, mpsc::channel(1).0)
}

#[tokio::test]
async fn the_endpoint_file_says_where_it_is_to_this_user_only_and_goes_at_the_stop() {
    let mut rig = Rig::start();
    assert!(is_private(&rig.endpoint));
    let endpoint = std::fs::read(&rig.endpoint).unwrap();
    let endpoint: Value = serde_json::from_slice(&endpoint).unwrap();
    let expected = serde_json::json!({
        "url": format!("http://127.0.0.1:{}", rig.port),
        "socket": rig.socket,
        "pid": std::process::id(),
        "version": env!("CARGO_PKG_VERSION"),
        "boot": "boot",
        "environment": "int",
    });
    assert_eq!(endpoint, expected);
    rig.stop().await;
    assert!(!rig.endpoint.exists() && !socket_is_there(&rig.socket));
}

#[tokio::test]
async fn a_server_that_never_ran_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let server = bind(&folder, settings(0, WhenPortTaken::Fail)).unwrap();
    let socket = server.endpoint().socket.clone();
    assert!(socket_is_there(&socket));
    drop(server);
    assert!(!socket_is_there(&socket) && !folder.path().join("cardea/endpoint.json").exists());
}

#[tokio::test]
async fn a_taken_port_is_passed_over_or_said_to_be_taken() {
    let [one, other] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    // A port whose neighbour is free, as far as anyone can know.
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let error = bind(&one, settings(port, WhenPortTaken::Fail)).unwrap_err();
    assert!(matches!(error, BindError::ApiPortBusy { first, .. } if first == port));
    assert_eq!(
        error.failure_code(),
        cardea_session::FailureCode::ApiPortBusy
    );
    let Ok(server) = bind(&other, settings(port, WhenPortTaken::Next)) else {
        return;
    };
    let found = server.ports.as_ref().unwrap().number();
    assert!((port + 1..port.saturating_add(20)).contains(&found));
    let holder = server.ports.as_ref().unwrap().displaced_by();
    assert_eq!(holder, Some(Holder::ForeignProgram));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_an_agent_of_this_user_has_is_said_to_be_so() {
    let folder = tempfile::tempdir().unwrap();
    let rig = Rig::start();
    let error = bind(&folder, settings(rig.port, WhenPortTaken::Fail)).unwrap_err();
    let said = format!(
        "port {0} of 127.0.0.1 or ::1 is taken, {0} by an agent of this user in another session",
        rig.port
    );
    assert_eq!(error.to_string(), said);
}

#[tokio::test]
async fn a_port_of_which_one_address_is_taken_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let Ok(taken) = TcpListener::bind("[::1]:0") else {
        return;
    };
    let port = taken.local_addr().unwrap().port();
    let error = bind(&folder, settings(port, WhenPortTaken::Fail)).unwrap_err();
    assert!(matches!(error, BindError::ApiPortBusy { .. }));
}

#[tokio::test]
async fn a_second_agent_is_refused_and_the_first_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let first = bind(&folder, settings(0, WhenPortTaken::Fail)).unwrap();
    let error = bind(&folder, settings(0, WhenPortTaken::Fail)).unwrap_err();
    assert!(matches!(error, BindError::AgentRuns));
    assert_eq!(
        error.failure_code(),
        cardea_session::FailureCode::SocketBusy
    );
    assert!(socket_is_there(&first.endpoint().socket));
}

#[tokio::test]
async fn without_a_port_there_is_still_the_socket() {
    let folder = tempfile::tempdir().unwrap();
    let places = places_in(&folder);
    let (_, feed) = feed(&sample::snapshot(1));
    let settings = settings(0, WhenPortTaken::Fail);
    let server = Server::bind_socket_only(settings, &places, feed, mpsc::channel(1).0).unwrap();
    assert_eq!(server.endpoint().url, None);
}

#[tokio::test(start_paused = true)]
async fn who_says_nothing_is_sent_away() {
    let rig = Rig::start();
    let start = Instant::now();
    rig.tcp().await.end().await;
    assert!(start.elapsed() <= Duration::from_secs(6));
}

#[tokio::test(start_paused = true)]
async fn who_never_ends_its_head_is_sent_away() {
    let rig = Rig::start();
    let start = Instant::now();
    let mut client = rig.tcp().await;
    client
        .ask(&["GET /v1/health HTTP/1.1", &rig.host()], "")
        .await;
    client.send_raw("GET /v1/health HTTP/1.1\r\nx: ").await;
    client.end().await;
    assert!(start.elapsed() <= Duration::from_secs(11));
}

#[tokio::test(start_paused = true)]
async fn a_program_may_leave_its_connection_unused_for_a_while() {
    let rig = Rig::start();
    let (host, reader) = (rig.host(), bearer(READER));
    let lines = ["GET /v1/app HTTP/1.1", &host, &reader];
    let mut client = rig.tcp().await;
    for _ in 0..3 {
        assert_eq!(client.ask(&lines, "").await.status, 200);
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
    client.end().await;
}

#[tokio::test]
#[cfg_attr(windows, ignore = "Wine takes half a second to say whose a socket is")]
async fn a_crowd_of_strangers_does_not_keep_a_program_out() {
    let rig = Rig::start();
    let mut strangers = Vec::new();
    for _ in 0..80 {
        strangers.push(rig.tcp().await);
    }
    let (host, reader) = (rig.host(), bearer(READER));
    let lines = ["GET /v1/app HTTP/1.1", &host, &reader];
    assert_eq!(rig.tcp().await.ask(&lines, "").await.status, 200);
    strangers[0].end().await;
}

#[tokio::test]
#[cfg_attr(windows, ignore = "Wine takes half a second to say whose a socket is")]
async fn a_program_has_so_many_connections_and_no_more() {
    let rig = Rig::start();
    let (host, reader) = (rig.host(), bearer(READER));
    let lines = ["GET /v1/app HTTP/1.1", &host, &reader];
    let mut clients = Vec::new();
    for _ in 0..128 {
        let mut client = rig.tcp().await;
        assert_eq!(client.ask(&lines, "").await.status, 200);
        clients.push(client);
    }
    let answer = rig.tcp().await.ask(&lines, "").await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (503, "too_many_connections")
    );
    assert_eq!(clients[0].ask(&lines, "").await.status, 200);
}
