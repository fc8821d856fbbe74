//! Requests in shapes that two readers may read differently, and names that mean something else.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::client::LIMIT;
use super::rig::{FULL, READER, Rig, bearer};

/// Everything that comes back for these bytes, until the other end closes.
async fn answers(rig: &Rig, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", rig.port)).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut read = Vec::new();
    // A reset is an end, too.
    let _reset = timeout(LIMIT, stream.read_to_end(&mut read)).await.unwrap();
    String::from_utf8_lossy(&read).into_owned()
}

/// A request that is hidden in another one's body: it would sign the user out.
fn hidden(rig: &Rig) -> String {
    format!(
        "POST /v1/session/logout HTTP/1.1\r\n{}\r\n{}\r\ncontent-type: application/json\r\n\
         content-length: 2\r\n\r\n{{}}",
        rig.host(),
        bearer(FULL)
    )
}

/// The head of a POST by the same program, to which these lines are added.
fn head(rig: &Rig, lines: &str) -> String {
    format!(
        "POST /v1/session/activity HTTP/1.1\r\n{}\r\n{}\r\ncontent-type: application/json\r\n\
         connection: close\r\n{lines}\r\n\r\n",
        rig.host(),
        bearer(FULL)
    )
}

#[tokio::test(start_paused = true)]
async fn a_request_hidden_behind_a_second_length_is_not_heard() {
    for lengths in [
        "content-length: 0\r\ncontent-length: 200",
        "content-length: 200\r\ncontent-length: 0",
        "content-length: 0, 200",
        "content-length: +0",
        "content-length: 0x0",
        "content-length : 0",
    ] {
        let mut rig = Rig::start();
        let text = head(&rig, lengths) + &hidden(&rig);
        let answers = answers(&rig, text.as_bytes()).await;
        assert!(!answers.contains("HTTP/1.1 2"), "{lengths}: {answers}");
        assert!(rig.requests.try_recv().is_err(), "{lengths}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_hidden_behind_a_length_and_chunks_is_not_heard() {
    for framing in [
        "content-length: 5\r\ntransfer-encoding: chunked",
        "transfer-encoding: chunked\r\ncontent-length: 5",
        "transfer-encoding: chunked\r\ntransfer-encoding: identity",
    ] {
        let mut rig = Rig::start();
        let text = head(&rig, framing) + "0\r\n\r\n" + &hidden(&rig);
        let answers = answers(&rig, text.as_bytes()).await;
        // The first may be taken as chunked, which is how it must be read; the rest is nothing.
        assert!(
            answers.matches("HTTP/1.1 ").count() <= 1,
            "{framing}: {answers}"
        );
        while let Ok(request) = rig.requests.try_recv() {
            let asked = format!("{request:?}");
            assert!(!asked.contains("Logout"), "{framing}: {asked}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_hidden_behind_odd_chunks_or_line_ends_is_not_heard() {
    for (framing, body) in [
        ("transfer-encoding: xchunked", "0\r\n\r\n"),
        ("transfer-encoding: chunked, identity", "0\r\n\r\n"),
        ("transfer-encoding:\u{b}chunked", "0\r\n\r\n"),
        ("transfer-encoding: chunked", "0_0\r\n\r\n"),
        ("transfer-encoding: chunked", "-1\r\n\r\n"),
        ("transfer-encoding: chunked", "fffffffffffffffff\r\n\r\n"),
        ("x: y\r\n content-length: 0", ""),
        ("x: y\rcontent-length: 0", ""),
    ] {
        let mut rig = Rig::start();
        let text = head(&rig, framing) + body + &hidden(&rig);
        let answers = answers(&rig, text.as_bytes()).await;
        assert!(!answers.contains("HTTP/1.1 2"), "{framing}: {answers}");
        while let Ok(request) = rig.requests.try_recv() {
            let asked = format!("{request:?}");
            assert!(!asked.contains("Logout"), "{framing}: {asked}");
        }
    }
}

#[tokio::test]
async fn a_path_means_what_it_says_and_nothing_else() {
    let mut rig = Rig::start();
    let (host, full) = (rig.host(), bearer(FULL));
    for path in [
        "/v1/apps",
        "//v1/session",
        "/v1//session",
        "/v1/session/",
        "/v1/./session",
        "/v1/x/../session",
        "/v1/%73ession",
        "/v1/session%2flogin",
        "/v1/session;x",
        "/V1/session",
        "/v1/health/../session/login/address",
        "/v1/session/login%2Faddress",
        "/v1/pairings//token",
        "/v1/session%00",
        "*",
    ] {
        let first = format!("GET {path} HTTP/1.1");
        let answer = rig.tcp().await.ask(&[&first, &host, &full], "").await;
        assert!(
            [400, 404].contains(&answer.status),
            "{path}: {}",
            answer.status
        );
    }
    for first in [
        "GET http://clinic.example/v1/session HTTP/1.1",
        "GET https://127.0.0.1/v1/session HTTP/1.1",
        "CONNECT 127.0.0.1:28080 HTTP/1.1",
    ] {
        let answer = rig.tcp().await.ask(&[first, &host, &full], "").await;
        assert!(
            (400..500).contains(&answer.status),
            "{first}: {}",
            answer.status
        );
    }
    assert!(rig.requests.try_recv().is_err());
}

#[tokio::test(start_paused = true)]
async fn bytes_that_are_no_text_are_refused_and_the_next_caller_is_heard() {
    let rig = Rig::start();
    let (host, full) = (rig.host(), bearer(FULL));
    let whole = [
        b"GET /v1/session\xff HTTP/1.1\r\n".as_slice(),
        b"GET /v1/health?app=\xc3\x28&nonce=a HTTP/1.1\r\n",
        b"\xff\xfe\xfd HTTP/1.1\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET\x00 /v1/session HTTP/1.1\r\n",
    ];
    for first in whole {
        let mut bytes = first.to_vec();
        bytes.extend_from_slice(format!("{host}\r\nconnection: close\r\n\r\n").as_bytes());
        let answers = answers(&rig, &bytes).await;
        assert!(!answers.contains("HTTP/1.1 200"), "{first:?}: {answers}");
    }
    for (name, value) in [
        ("authorization", b"Bearer \xff\xfe".as_slice()),
        ("origin", b"\xff"),
    ] {
        let mut bytes = format!("GET /v1/session HTTP/1.1\r\n{host}\r\n{name}: ").into_bytes();
        bytes.extend_from_slice(value);
        bytes.extend_from_slice(b"\r\nconnection: close\r\n\r\n");
        let answers = answers(&rig, &bytes).await;
        assert!(answers.starts_with("HTTP/1.1 40"), "{name}: {answers}");
    }
    let json = "content-type: application/json";
    let lines = ["POST /v1/session/logout HTTP/1.1", &host, &full, json];
    let mut text = lines.join("\r\n").into_bytes();
    text.extend_from_slice(
        b"\r\nconnection: close\r\ncontent-length: 18\r\n\r\n{\"session_id\":\"\xff\"}",
    );
    assert!(answers(&rig, &text).await.starts_with("HTTP/1.1 400"));
    let lines = ["GET /v1/app HTTP/1.1", &host, &full];
    assert_eq!(rig.tcp().await.ask(&lines, "").await.status, 200);
}

#[tokio::test]
#[cfg_attr(windows, ignore = "Wine takes half a second to say whose a socket is")]
async fn a_thousand_idle_connections_keep_no_program_out() {
    let rig = Rig::start();
    let mut stream = rig.stream(READER, None).await;
    assert_eq!(stream.next().await.unwrap().event, "snapshot");
    let mut idle = Vec::new();
    for _ in 0..1000 {
        idle.push(TcpStream::connect(("127.0.0.1", rig.port)).await.unwrap());
        if idle.len() % 100 == 0 {
            let (host, full) = (rig.host(), bearer(FULL));
            let lines = ["GET /v1/app HTTP/1.1", &host, &full];
            assert_eq!(rig.tcp().await.ask(&lines, "").await.status, 200);
        }
    }
    // The oldest were sent away for the newest.
    let mut byte = [0];
    let gone = timeout(LIMIT, idle[0].read(&mut byte)).await.unwrap();
    assert!(matches!(gone, Ok(0) | Err(_)));
    drop(idle);
    let mut rig = rig;
    rig.publish(vec![super::rig::ended()]);
    assert_eq!(stream.next().await.unwrap().event, "session.ended");
}

#[tokio::test(start_paused = true)]
async fn a_head_or_a_body_that_comes_byte_by_byte_is_given_up() {
    let rig = Rig::start();
    for text in [
        format!(
            "GET /v1/session HTTP/1.1\r\n{}\r\nx: {}",
            rig.host(),
            "y".repeat(200)
        ),
        head(&rig, "content-length: 200"),
    ] {
        let mut stream = TcpStream::connect(("127.0.0.1", rig.port)).await.unwrap();
        let slowly = async {
            for byte in text.bytes().chain(std::iter::repeat_n(b' ', 300)) {
                if stream.write_all(&[byte]).await.is_err() {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
            let mut rest = Vec::new();
            let _reset = stream.read_to_end(&mut rest).await;
            String::from_utf8_lossy(&rest).into_owned()
        };
        let answer = timeout(LIMIT * 10, slowly).await.unwrap();
        assert!(!answer.contains("HTTP/1.1 2"), "{answer}");
    }
}
