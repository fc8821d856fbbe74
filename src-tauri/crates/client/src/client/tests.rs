//! Every route, and who the token is told to.

use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::*;
use crate::fake::{Fake, Reply, Seen, reply, snapshot};
use crate::{Endpoint, ProblemCode, Token};

const TOKEN: &str = "0123456789012345678901234567890123456789012";

fn app() -> App {
    App {
        id: "gp".to_owned(),
        token: Token::new(TOKEN).unwrap(),
    }
}

fn piped(script: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> (Fake, Client) {
    let (fake, _pipe, route) = Fake::on_pipe(script);
    (fake, Client::on(route, Some(app())))
}

fn answering(status: u16, body: Value) -> (Fake, Client) {
    piped(move |_| reply(status, &body))
}

/// The answer of an agent that knows `token`, on `port`.
fn proof_of(token: &str, port: u16, seen: &Seen) -> Reply {
    use aws_lc_rs::{digest, hmac};
    use base64::Engine as _;

    let nonce = seen.line.split("nonce=").nth(1).unwrap();
    let hash = digest::digest(&digest::SHA256, token.as_bytes());
    let key = hmac::Key::new(hmac::HMAC_SHA256, hash.as_ref());
    let tag = hmac::sign(&key, format!("{nonce}|A|{port}").as_bytes());
    let proof = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(tag);
    reply(200, &json!({"status": "ok", "boot": "A", "proof": proof}))
}

fn with_tag(revision: u64) -> Reply {
    let Reply::Text(mut response) = reply(200, &snapshot("A", revision, Some("A.s1"))) else {
        unreachable!()
    };
    let tag = format!("\"A-{revision}-x\"").parse().unwrap();
    response.headers_mut().insert(header::ETAG, tag);
    Reply::Text(response)
}

#[tokio::test(start_paused = true)]
async fn commands_are_posts_of_json_with_the_token() {
    let (fake, client) = answering(202, json!({"attempt": "A.a1"}));
    let attempt = client.login(LoginMode::ChangeRole).await.unwrap();
    assert_eq!(attempt, AttemptId::new("A.a1"));
    let seen = fake.last();
    assert_eq!(seen.line, "POST /v1/session/login");
    assert_eq!(seen.body, r#"{"change_role":true}"#);
    assert_eq!(seen.header("content-type"), Some("application/json"));
    assert_eq!(
        seen.header("authorization"),
        Some(format!("Bearer {TOKEN}").as_str())
    );
    assert_eq!(seen.header("host"), Some("localhost"));
    assert!(seen.header("origin").is_none() && seen.header("referer").is_none());
}

#[tokio::test(start_paused = true)]
async fn each_command_goes_to_its_route() {
    let (fake, client) = answering(204, Value::Null);
    client.cancel().await.unwrap();
    client.logout(None).await.unwrap();
    client.logout(Some(&SessionId::new("A.s1"))).await.unwrap();
    client.activity().await.unwrap();
    client.stop_agent().await.unwrap();
    let lines: Vec<_> = fake
        .seen()
        .into_iter()
        .map(|seen| format!("{} {}", seen.line, seen.body))
        .collect();
    assert_eq!(
        lines,
        [
            "POST /v1/session/login/cancel {}",
            "POST /v1/session/logout {}",
            r#"POST /v1/session/logout {"session_id":"A.s1"}"#,
            "POST /v1/session/activity {}",
            "POST /v1/agent/stop {}",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn requests_share_a_connection_and_a_closed_one_is_replaced() {
    let (fake, client) = piped(|seen| match seen.body.as_str() {
        "{}" => reply(204, &Value::Null),
        _ => Reply::Text(
            http::Response::builder()
                .status(204)
                .header("connection", "close")
                .body(String::new())
                .unwrap(),
        ),
    });
    client.activity().await.unwrap();
    client.activity().await.unwrap();
    assert_eq!(fake.connections(), 1);
    client.logout(Some(&SessionId::new("A.s1"))).await.unwrap();
    client.activity().await.unwrap();
    assert_eq!((fake.connections(), fake.seen().len()), (2, 4));
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_is_asked_for_again_by_its_tag() {
    let (fake, client) = piped(|seen| match seen.header("if-none-match") {
        Some("\"A-5-x\"") => reply(304, &Value::Null),
        Some(_) => with_tag(7),
        None => with_tag(5),
    });
    let first = client.session().await.unwrap();
    assert_eq!(first.snapshot.revision, 5);
    let wait = Duration::from_secs(90);
    assert_eq!(client.session_change(&first.tag, wait).await.unwrap(), None);
    assert_eq!(fake.last().line, "GET /v1/session?wait=25");
    let old = Tag(HeaderValue::from_static("\"A-4-x\""));
    let next = client.session_change(&old, Duration::ZERO).await.unwrap();
    assert_eq!(next.unwrap().snapshot.revision, 7);
    assert_eq!(fake.last().line, "GET /v1/session");
}

#[tokio::test(start_paused = true)]
async fn listings_are_read_and_may_have_more_in_them() {
    let listing = json!({"apps": [{"id": "gp", "name": "GP system", "later": 1,
        "scopes": ["session:read"], "origins": ["https://gp.example"], "source": "file"}]});
    let (_fake, client) = answering(200, listing);
    let apps = client.apps().await.unwrap();
    assert_eq!(apps[0].origins, ["https://gp.example"]);

    let (_fake, client) = answering(200, json!({"address": "https://cis2.example/authorize"}));
    let address = client.login_address().await.unwrap();
    assert_eq!(address.as_deref(), Some("https://cis2.example/authorize"));

    let (_fake, client) = answering(200, json!({"status": "ok"}));
    assert_eq!(client.health().await.unwrap().status, "ok");
}

#[tokio::test(start_paused = true)]
async fn a_problem_is_told_with_its_code_and_when_to_try_again() {
    let (_fake, client) = piped(|_| {
        let body = json!({"code": "rate_limited", "detail": "Too often.", "remedy": "Wait."});
        let response = http::Response::builder()
            .status(429)
            .header("retry-after", "7");
        Reply::Text(response.body(body.to_string()).unwrap())
    });
    let error = client.login(LoginMode::SignIn).await.unwrap_err();
    assert_eq!(error.remedy(), "Wait.");
    let ClientError::Problem(problem) = error else {
        panic!("{error:?}")
    };
    assert_eq!(problem.code, ProblemCode::RateLimited);
    assert_eq!(problem.retry_after, Some(Duration::from_secs(7)));
}

#[tokio::test(start_paused = true)]
async fn answers_that_are_none_are_errors() {
    let (_fake, client) = answering(403, Value::Null);
    assert!(matches!(client.app().await, Err(ClientError::Refused)));

    let (_fake, client) = answering(200, json!({"id": "Jane Doe"}));
    let error = client.app().await.unwrap_err();
    let chain = format!("{error} {error:?}");
    assert!(matches!(error, ClientError::Answer { status: 200, .. }) && !chain.contains("Jane"));
}

#[tokio::test(start_paused = true)]
async fn an_answer_without_end_is_not_read_to_its_end() {
    let name = "x".repeat(1 << 20);
    let app = json!({"id": "gp", "name": name, "scopes": []});
    let (_fake, client) = answering(200, app);
    let error = client.app().await.unwrap_err();
    assert!(matches!(error, ClientError::Answer { source: None, .. }));
}

#[tokio::test(start_paused = true)]
async fn an_agent_that_does_not_answer_is_waited_for_five_seconds() {
    let (_fake, client) = piped(|_| Reply::Silence);
    let start = tokio::time::Instant::now();
    assert!(matches!(client.app().await, Err(ClientError::TimedOut(_))));
    assert!(matches!(
        client.events(None).await,
        Err(ClientError::TimedOut(_))
    ));
    assert_eq!(start.elapsed().as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn events_are_resumed_by_the_id_of_the_last_message() {
    let (mut fake, client) = piped(|_| Reply::Stream);
    let id = EventId::new("A-5-1");
    let (stream, server) = tokio::join!(client.events(Some(&id)), fake.stream());
    let mut stream = stream.unwrap();
    assert_eq!(server.request.header("accept"), Some("text/event-stream"));
    assert_eq!(server.request.header("last-event-id"), Some("A-5-1"));
    assert_eq!(stream.last_id(), Some(&id));
    server.say("A-6-0", &crate::fake::message("card.removed", "A", 6));
    assert_eq!(stream.next().await.unwrap().revision, 6);
    assert_eq!(stream.last_id().unwrap().as_str(), "A-6-0");
    drop(server);
    assert!(matches!(stream.next().await, Err(ClientError::Closed)));
}

#[tokio::test]
async fn own_programs_use_the_local_socket_without_a_token() {
    let folder = tempfile::tempdir().unwrap();
    let (fake, path) = Fake::on_socket(folder.path(), |_| reply(204, &Value::Null));
    Client::socket(&path, None).logout(None).await.unwrap();
    assert!(fake.last().header("authorization").is_none());
}

#[tokio::test]
async fn the_token_is_sent_only_after_the_proof_and_each_connection_is_proven() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let fake = Fake::on_tcp(listener, move |seen| match seen.line.as_str() {
        "GET /v1/session" => with_tag(5),
        "GET /v1/events" => Reply::Stream,
        _ => proof_of(TOKEN, port, seen),
    });
    let client = Client::tcp(&format!("http://localhost:{port}"), app()).unwrap();
    client.session().await.unwrap();
    client.session().await.unwrap();
    let _stream = client.events(None).await.unwrap();

    let seen = fake.seen();
    let asked: Vec<_> = seen
        .iter()
        .map(|seen| {
            let path = seen.line.split('?').next().unwrap();
            (path, seen.header("authorization").is_some())
        })
        .collect();
    assert_eq!(
        asked,
        [
            ("GET /v1/health", false),
            ("GET /v1/session", true),
            ("GET /v1/session", true),
            ("GET /v1/health", false),
            ("GET /v1/events", true),
        ]
    );
    assert!(seen[0].line.starts_with("GET /v1/health?app=gp&nonce="));
    assert_eq!(
        seen[1].header("host"),
        Some(format!("localhost:{port}").as_str())
    );
}

#[tokio::test]
async fn a_squatter_on_the_port_never_gets_the_token() {
    type Squatter = fn(u16, &Seen) -> Reply;
    let squatters: [Squatter; 4] = [
        |_, _| reply(200, &json!({"status": "ok"})),
        |_, _| reply(200, &json!({"status": "ok", "boot": "A", "proof": "AAAA"})),
        |port, seen| proof_of("another token", port, seen),
        // It asks the real agent, which is on another port.
        |port, seen| proof_of(TOKEN, port + 1, seen),
    ];
    for squatter in squatters {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let fake = Fake::on_tcp(listener, move |seen| squatter(port, seen));
        let client = Client::tcp(&format!("http://127.0.0.1:{port}"), app()).unwrap();
        assert!(matches!(
            client.session().await,
            Err(ClientError::NotProven)
        ));
        assert!(matches!(
            client.events(None).await,
            Err(ClientError::NotProven)
        ));
        for seen in fake.seen() {
            assert!(seen.header("authorization").is_none(), "{}", seen.line);
        }
    }
}

#[tokio::test]
async fn the_endpoint_file_leads_to_wherever_the_agent_is_now() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("endpoint.json");
    let client = Client::discover(&file, app());
    assert!(matches!(
        client.app().await,
        Err(ClientError::NotRunning(_))
    ));

    let listener = TcpListener::bind("[::1]:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let _fake = Fake::on_tcp(listener, move |seen| match seen.line.as_str() {
        "GET /v1/session" => with_tag(5),
        _ => proof_of(TOKEN, port, seen),
    });
    let endpoint = json!({"url": format!("http://[::1]:{port}"), "socket": "/nowhere", "pid": 1,
        "version": "0", "boot": "A", "environment": "live"});
    std::fs::write(&file, endpoint.to_string()).unwrap();
    assert_eq!(Endpoint::read(&file).await.unwrap().pid, 1);
    assert_eq!(client.session().await.unwrap().snapshot.revision, 5);

    let (_portless, path) = Fake::on_socket(folder.path(), |_| with_tag(9));
    let endpoint = json!({"socket": path, "pid": 2, "version": "0", "boot": "B",
        "environment": "live"});
    std::fs::write(&file, endpoint.to_string()).unwrap();
    let client = Client::discover(&file, app());
    assert_eq!(client.session().await.unwrap().snapshot.revision, 9);
}

#[tokio::test(start_paused = true)]
async fn the_doctor_is_heard_check_by_check() {
    use cardea_session::{CheckOutcome, DoctorEvent};

    let (mut fake, client) = piped(|_| Reply::Stream);
    let (stream, server) = tokio::join!(client.doctor(true), fake.stream());
    let mut stream = stream.unwrap();
    assert_eq!(server.request.line, "POST /v1/doctor");
    assert_eq!(server.request.body, r#"{"cis2":true}"#);
    server.mention(&json!({"event": "check.finished", "later": true, "check": {
            "id": "readers", "title": "Card readers", "outcome": "from_a_newer_agent",
            "summary": "One.", "took_ms": 1,
    }}));
    let DoctorEvent::Finished { check } = stream.next().await.unwrap() else {
        panic!("not a check");
    };
    assert_eq!(
        (check.id.as_str(), check.outcome),
        ("readers", CheckOutcome::Unknown)
    );
    drop(server);
    assert!(matches!(stream.next().await, Err(ClientError::Closed)));
}

#[tokio::test(start_paused = true)]
async fn an_older_agents_diagnostics_are_read_too() {
    let body = json!({"version": "0.1.0", "boot": "A", "uptime_s": 7, "state": "no_card"});
    let (fake, client) = answering(200, body);
    let diagnostics = client.diagnostics().await.unwrap();
    assert_eq!(fake.last().line, "GET /v1/diagnostics");
    assert_eq!((diagnostics.uptime_s, diagnostics.unknown_callers), (7, 0));
}
