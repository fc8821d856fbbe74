use std::time::Duration;

use axum::http::{Request, StatusCode};
use cardea_session::Scope;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use super::client::LIMIT;
use super::rig::{FULL, ORIGIN, PAGE, READER, Rig, app, apps, bearer, ended, settings};

type Socket = WebSocketStream<TcpStream>;

/// What a client sends to open one; more headers take the place of those.
fn request(rig: &Rig, query: &str, headers: &[(&str, &str)]) -> Request<()> {
    let address = format!("127.0.0.1:{}", rig.port);
    let mut request = Request::get(format!("ws://{address}/v1/events/ws{query}"))
        .header("host", &address)
        .header("upgrade", "websocket")
        .header("connection", "keep-alive, Upgrade")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    for &(name, value) in headers {
        request = request.header(name, value);
    }
    request.body(()).unwrap()
}

async fn dial(rig: &Rig, request: Request<()>) -> Result<Socket, Error> {
    let stream = TcpStream::connect(("127.0.0.1", rig.port)).await.unwrap();
    let (socket, answer) = client_async(request, stream).await?;
    assert_eq!(answer.headers()["sec-websocket-protocol"], "cardea.v1");
    Ok(socket)
}

/// As a page does, which cannot send a header of its own.
async fn open(
    rig: &Rig,
    token: &str,
    query: &str,
    headers: &[(&str, &str)],
) -> Result<Socket, Error> {
    let protocols = format!("cardea.v1, bearer.{token}");
    let headers = [&[("sec-websocket-protocol", protocols.as_str())], headers].concat();
    dial(rig, request(rig, query, &headers)).await
}

async fn next(socket: &mut Socket) -> Value {
    match timeout(LIMIT, socket.next()).await.unwrap() {
        Some(Ok(Message::Text(text))) => serde_json::from_str(&text).unwrap(),
        other => panic!("{other:?}"),
    }
}

async fn closed(socket: &mut Socket) -> CloseFrame {
    let until_closed = async {
        loop {
            match socket.next().await {
                Some(Ok(Message::Close(Some(frame)))) => return frame,
                Some(Ok(Message::Text(_))) => {}
                other => panic!("{other:?}"),
            }
        }
    };
    timeout(LIMIT, until_closed).await.unwrap()
}

fn status(opened: Result<Socket, Error>) -> (StatusCode, String) {
    match opened {
        Err(Error::Http(answer)) => {
            let body: Value = serde_json::from_slice(answer.body().as_deref().unwrap_or_default())
                .unwrap_or_default();
            (
                answer.status(),
                body["code"].as_str().unwrap_or_default().to_owned(),
            )
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_web_socket_brings_what_the_event_stream_brings() {
    let mut rig = Rig::start();
    let mut socket = open(&rig, READER, "", &[]).await.unwrap();
    let mut stream = rig.stream(READER, None).await;
    rig.publish(vec![ended()]);
    for _ in 0..3 {
        let message = stream.next().await.unwrap();
        let mut frame = next(&mut socket).await;
        let id = frame.as_object_mut().unwrap().remove("id");
        assert_eq!(id.as_ref().and_then(Value::as_str), message.id.as_deref());
        assert_eq!(frame, message.data);
    }
}

#[tokio::test]
async fn who_comes_back_gets_what_was_missed() {
    let mut rig = Rig::start();
    let mut socket = open(&rig, READER, "", &[]).await.unwrap();
    let seen = next(&mut socket).await["id"].as_str().unwrap().to_owned();
    drop(socket);
    rig.publish(vec![ended()]);
    let query = format!("?last_event_id={seen}");
    let mut socket = open(&rig, READER, &query, &[]).await.unwrap();
    let missed = next(&mut socket).await;
    assert_eq!(
        (&missed["event"], &missed["replayed"]),
        (&"session.ended".into(), &true.into())
    );
    assert_eq!(next(&mut socket).await["event"], "snapshot");
    let mut socket = open(&rig, READER, "?last_event_id=other-1-0", &[])
        .await
        .unwrap();
    assert_eq!(next(&mut socket).await["event"], "gap");
}

#[tokio::test]
async fn a_token_comes_by_header_or_as_a_protocol_but_not_by_both() {
    let rig = Rig::start();
    let authorization = bearer(FULL);
    let authorization = authorization.split_once(": ").unwrap();
    let spoken = ("sec-websocket-protocol", "cardea.v1");
    let by_header = request(&rig, "", &[authorization, spoken]);
    assert_eq!(
        next(&mut dial(&rig, by_header).await.unwrap()).await["event"],
        "snapshot"
    );
    let both = open(&rig, READER, "", &[authorization]).await;
    assert_eq!(
        status(both),
        (StatusCode::UNAUTHORIZED, "token_invalid".to_owned())
    );
    let missing = dial(&rig, request(&rig, "", &[spoken])).await;
    assert_eq!(
        status(missing),
        (StatusCode::UNAUTHORIZED, "token_missing".to_owned())
    );
    let wrong = open(&rig, &"x".repeat(43), "", &[]).await;
    assert_eq!(status(wrong).1, "token_invalid");
    // Only there: elsewhere a page could send it without being asked first.
    let host = rig.host();
    let protocol = format!("sec-websocket-protocol: bearer.{READER}");
    let elsewhere = ["GET /v1/session HTTP/1.1", &host, &protocol];
    assert_eq!(
        rig.tcp().await.ask(&elsewhere, "").await.code(),
        "token_missing"
    );
}

#[tokio::test]
async fn only_the_programs_own_pages_open_one_and_only_by_our_own_name() {
    let rig = Rig::start();
    let origin = ("origin", ORIGIN);
    assert!(open(&rig, PAGE, "", &[origin]).await.is_ok());
    let cases: [(&str, &[(&str, &str)]); 5] = [
        (PAGE, &[("origin", "https://stranger.example")]),
        (PAGE, &[("origin", "null")]),
        (PAGE, &[]),
        (READER, &[origin]),
        (READER, &[("sec-fetch-site", "cross-site")]),
    ];
    for (token, headers) in cases {
        let refused = status(open(&rig, token, "", headers).await);
        assert_eq!(refused.0, StatusCode::FORBIDDEN, "{headers:?}");
    }
    // A page that is nobody's does not even learn whether it guessed right.
    for token in [READER, PAGE, &"x".repeat(43)] {
        let foreign = [("origin", "https://stranger.example")];
        let refused = status(open(&rig, token, "", &foreign).await);
        assert_eq!(refused, (StatusCode::FORBIDDEN, String::new()));
    }
    // A rebound name: the same origin to the browser, so there is none, or its own.
    for headers in [&[][..], &[("origin", "http://clinic.example:28080")]] {
        let protocols = format!("cardea.v1, bearer.{READER}");
        let headers = [&[("sec-websocket-protocol", protocols.as_str())], headers].concat();
        let mut rebound = request(&rig, "", &headers);
        rebound
            .headers_mut()
            .insert("host", "clinic.example:28080".parse().unwrap());
        assert_eq!(
            status(dial(&rig, rebound).await),
            (StatusCode::FORBIDDEN, String::new())
        );
    }
}

#[tokio::test]
async fn what_is_no_web_socket_is_told_so() {
    let rig = Rig::start();
    let (host, reader) = (rig.host(), bearer(READER));
    let plain = ["GET /v1/events/ws HTTP/1.1", &host, &reader];
    let answer = rig.tcp().await.ask(&plain, "").await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (426, "bad_request")
    );
    let key = "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==";
    let ours = "sec-websocket-protocol: cardea.v1";
    for (lines, expected) in [
        (
            [
                "upgrade: websocket",
                "connection: upgrade",
                "sec-websocket-version: 8",
                key,
                ours,
            ],
            426,
        ),
        (
            [
                "upgrade: h2c",
                "connection: upgrade",
                "sec-websocket-version: 13",
                key,
                ours,
            ],
            426,
        ),
        (
            [
                "upgrade: websocket",
                "connection: upgrade",
                "sec-websocket-version: 13",
                key,
                "x: y",
            ],
            400,
        ),
        (
            [
                "upgrade: websocket",
                "connection: upgrade",
                "sec-websocket-version: 13",
                "x: y",
                ours,
            ],
            400,
        ),
    ] {
        let lines = [plain.as_slice(), &lines].concat();
        assert_eq!(
            rig.tcp().await.ask(&lines, "").await.status,
            expected,
            "{lines:?}"
        );
    }
}

#[tokio::test]
async fn messages_of_the_client_are_refused() {
    let rig = Rig::start();
    for message in [Message::text("hello"), Message::binary([1].as_slice())] {
        let mut socket = open(&rig, READER, "", &[]).await.unwrap();
        socket.send(message).await.unwrap();
        assert_eq!(u16::from(closed(&mut socket).await.code), 1003);
    }
    let mut socket = open(&rig, READER, "", &[]).await.unwrap();
    socket
        .send(Message::Ping([7].as_slice().into()))
        .await
        .unwrap();
    next(&mut socket).await;
    let pong = timeout(LIMIT, socket.next()).await.unwrap();
    assert!(matches!(pong, Some(Ok(Message::Pong(_)))), "{pong:?}");
}

#[tokio::test]
async fn the_close_says_what_the_program_lost() {
    let mut rig = Rig::start();
    let only_activity = |mut apps: Vec<crate::App>| {
        apps[0] = app("reader", READER, &[Scope::SessionActivity], &[]);
        apps
    };
    let mut lost_scope = open(&rig, READER, "", &[]).await.unwrap();
    rig.apps.follow(&settings(only_activity(apps())));
    assert_eq!(u16::from(closed(&mut lost_scope).await.code), 4403);

    rig.apps.follow(&settings(apps()));
    let mut revoked = open(&rig, READER, "", &[]).await.unwrap();
    rig.apps.follow(&settings(apps().split_off(1)));
    assert_eq!(u16::from(closed(&mut revoked).await.code), 4401);

    rig.apps.follow(&settings(apps()));
    let mut stopped = open(&rig, READER, "", &[]).await.unwrap();
    assert_eq!(next(&mut stopped).await["event"], "snapshot");
    rig.stop().await;
    assert_eq!(u16::from(closed(&mut stopped).await.code), 1001);
}

#[tokio::test]
async fn web_sockets_count_among_the_streams_of_a_program() {
    let rig = Rig::start();
    let mut open_ones = Vec::new();
    for _ in 0..16 {
        open_ones.push(open(&rig, READER, "", &[]).await.unwrap());
    }
    let one_more = status(open(&rig, READER, "", &[]).await);
    assert_eq!(
        one_more,
        (
            StatusCode::SERVICE_UNAVAILABLE,
            "too_many_connections".to_owned()
        )
    );
    assert!(open(&rig, FULL, "", &[]).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_web_socket_that_reads_too_slowly_is_told_so_and_delays_nobody() {
    let mut rig = Rig::start();
    let slow = TcpSocket::new_v4().unwrap();
    slow.set_recv_buffer_size(4096).unwrap();
    let slow = slow
        .connect(([127, 0, 0, 1], rig.port).into())
        .await
        .unwrap();
    let protocols = format!("cardea.v1, bearer.{READER}");
    let headers = [("sec-websocket-protocol", protocols.as_str())];
    let (mut slow, _) = client_async(request(&rig, "", &headers), slow)
        .await
        .unwrap();
    let mut quick = open(&rig, FULL, "", &[]).await.unwrap();
    assert_eq!(next(&mut quick).await["event"], "snapshot");
    // Far more than what fits between the two.
    let mut last = 0;
    for _ in 0..1000 {
        last = rig.publish(vec![ended()]);
    }
    while next(&mut quick).await["revision"] != last {}
    tokio::time::sleep(Duration::from_millis(3_500)).await;
    assert_eq!(u16::from(closed(&mut slow).await.code), 4408);
}
