//! What clinical programs see when the card leaves, each in its own way, and that none of them can
//! hold up the others.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cardea_client::{Client, SignedOutReason, Tagged, Update, View, Watch};
use cardea_session::{EndReason, Snapshot, State};
use rustix::net::sockopt::set_socket_recv_buffer_size;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use crate::harness::agent;
use crate::harness::http::send;
use crate::harness::stream::Stream;
use crate::harness::workstation::{NHS_CARD, Workstation};

const LIMIT: Duration = Duration::from_secs(30);

/// A program by our own client, with what it needs to know.
fn client(workstation: &Workstation) -> Result<Client> {
    Ok(Client::tcp(
        &workstation.agent.url,
        workstation.app.of_client()?,
    )?)
}

/// A program that asks for another snapshot than the one it knows, until nobody is signed in.
async fn waits_by_tag(client: Client, mut known: Tagged) -> Result<Snapshot> {
    while known.snapshot.state == State::Active {
        let changed = client
            .session_change(&known.tag, Duration::from_secs(25))
            .await?;
        known = changed.unwrap_or(known);
    }
    Ok(known.snapshot)
}

/// A program that asks again and again, until nobody is signed in.
async fn polls(client: Client) -> Result<Snapshot> {
    loop {
        let Tagged { snapshot, .. } = client.session().await?;
        if snapshot.state != State::Active {
            return Ok(snapshot);
        }
    }
}

/// A program by SSE, without our client.
async fn listens(mut stream: Stream) -> Result<Snapshot> {
    let ended = stream.until("session.ended").await?;
    ensure!(ended.data["reason"] == "card_removed", "{ended:?}");
    let mut after = stream.until("snapshot").await?;
    Ok(serde_json::from_value(after.data["snapshot"].take())?)
}

/// A program by our client's watch, in which silence is logout.
async fn watches(mut watch: Watch) -> Result<SignedOutReason> {
    loop {
        if let Update::View(View::SignedOut { reason }) = watch.next().await {
            return Ok(reason);
        }
    }
}

/// A program that opens a stream and never reads from it.
async fn stops_reading(workstation: &Workstation) -> Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    set_socket_recv_buffer_size(&socket, 4096)?;
    let host = workstation
        .agent
        .url
        .strip_prefix("http://")
        .context("not http")?;
    let mut stream = socket.connect(host.parse()?).await?;
    let request = format!(
        "GET /v1/events HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {}\r\n\r\n",
        workstation.app.token
    );
    stream.write_all(request.as_bytes()).await?;
    Ok(stream)
}

#[tokio::test]
async fn programs_of_each_kind_see_the_card_leave() -> Result<()> {
    let (workstation, mut stream) = Workstation::signed_in().await?;
    stream.until_state("active").await?;
    let stalled = stops_reading(&workstation).await?;
    // Far more than what fits between the agent and a program that does not read.
    let second = workstation.pcscd.plug(crate::harness::pcscd::GEMALTO);
    for _ in 0..1000 {
        second.insert(NHS_CARD);
        second.remove();
    }
    second.settle();

    let watch = Watch::connect(client(&workstation)?).await?;
    let listening = workstation.events().await?;
    let (waiting, polling) = (client(&workstation)?, client(&workstation)?);
    let known = waiting.session().await?;
    for snapshot in [&known.snapshot, &polling.session().await?.snapshot] {
        assert_eq!(snapshot.state, State::Active);
    }
    let programs = async {
        tokio::try_join!(
            listens(listening),
            listens(stream),
            waits_by_tag(waiting, known),
            polls(polling),
            watches(watch),
        )
    };
    let pull = async { workstation.reader.remove() };
    let (seen, ()) = tokio::join!(timeout(LIMIT, programs), pull);
    let (heard, heard_too, waited, polled, watched) = seen.context("not seen in time")??;
    for snapshot in [heard, heard_too, waited, polled] {
        let end = snapshot.last_end.context("no end")?;
        assert_eq!(end.reason, EndReason::CardRemoved);
        assert!(snapshot.session.is_none());
    }
    assert_eq!(watched, SignedOutReason::Ended(EndReason::CardRemoved));

    reads_at_last(stalled).await
}

/// The program that did not read was told that it missed something, or was dropped: it cannot take
/// an old snapshot for what is.
async fn reads_at_last(mut stalled: TcpStream) -> Result<()> {
    let mut read = Vec::new();
    let all = async {
        let mut buffer = [0; 64 * 1024];
        loop {
            match stalled.read(&mut buffer).await {
                Ok(0) | Err(_) => return "dropped",
                Ok(count) => read.extend_from_slice(&buffer[..count]),
            }
            if String::from_utf8_lossy(&read).contains("event: session.ended") {
                return "heard of the end";
            }
            if String::from_utf8_lossy(&read).contains("event: gap") {
                return "told of a gap";
            }
        }
    };
    let outcome = timeout(agent::LIMIT * 2, all).await;
    outcome
        .context("the program that did not read hangs")
        .map(drop)
}

#[tokio::test]
async fn an_agent_that_dies_signs_everybody_out() -> Result<()> {
    let (workstation, _stream) = Workstation::signed_in().await?;
    let mut watch = Watch::connect(client(&workstation)?).await?;
    loop {
        if matches!(watch.next().await, Update::View(View::SignedIn(_))) {
            break;
        }
    }
    let _home = workstation.agent.kill().await;
    let reason = timeout(LIMIT, watches(watch))
        .await
        .context("not in time")??;
    assert_eq!(reason, SignedOutReason::AgentLost);
    Ok(())
}

#[tokio::test]
async fn a_program_finds_the_agent_and_lets_it_prove_itself() -> Result<()> {
    use aws_lc_rs::{digest, hmac};
    use std::os::unix::fs::PermissionsExt as _;

    let workstation = Workstation::start().await?;
    let file = workstation.agent.home.endpoint_file();
    let mode = std::fs::metadata(file)?.permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "{mode:o}");
    let endpoint = &workstation.agent.endpoint;
    assert_eq!(endpoint["pid"], workstation.agent.pid());
    assert_eq!(endpoint["environment"], "custom");
    let port = workstation.agent.port();

    let bare = send(
        http::Request::get(format!("{}/v1/health", workstation.agent.url)).body(String::new())?,
    );
    assert_eq!(bare.await?.body(), "{\"status\":\"ok\"}");
    let (app, nonce) = (workstation.app.id, "n-0S6_WzA2Mj");
    let address = format!(
        "{}/v1/health?app={app}&nonce={nonce}",
        workstation.agent.url
    );
    let answer = send(http::Request::get(address).body(String::new())?).await?;
    let answer: serde_json::Value = serde_json::from_slice(answer.body())?;
    assert_eq!(answer["boot"], endpoint["boot"]);
    let key = digest::digest(&digest::SHA256, workstation.app.token.as_bytes());
    let message = format!(
        "{nonce}|{}|{port}",
        answer["boot"].as_str().context("no boot")?
    );
    let proof = hmac::sign(
        &hmac::Key::new(hmac::HMAC_SHA256, key.as_ref()),
        message.as_bytes(),
    );
    let proof = URL_SAFE_NO_PAD.encode(proof);
    assert_eq!(answer["proof"], proof, "{answer}");
    Ok(())
}

#[tokio::test]
async fn a_program_that_was_away_is_told_what_it_missed() -> Result<()> {
    let (workstation, mut stream) = Workstation::signed_in().await?;
    let last = stream.until("snapshot").await?;
    assert_eq!(last.data["snapshot"]["state"], "active");
    drop(stream);
    let mut other = workstation.events().await?;
    other.until("snapshot").await?;
    workstation.reader.remove();
    other.until("session.ended").await?;

    let url = &workstation.agent.url;
    let mut back = Stream::resume(url, &workstation.app.token, last.id.as_deref()).await?;
    let missed = back.next().await?.context("nothing")?;
    assert_eq!(missed.name, "session.ended");
    assert_eq!(missed.data["replayed"], true);
    let now = back.until("snapshot").await?;
    assert!(
        now.data
            .get("replayed")
            .is_none_or(|replayed| replayed == false)
    );

    let mut of_another_run = Stream::resume(url, &workstation.app.token, Some("x-1-1")).await?;
    let first = of_another_run.next().await?.context("nothing")?;
    assert_eq!(first.name, "gap");
    let second = of_another_run.next().await?.context("nothing")?;
    assert_eq!(second.name, "snapshot");
    Ok(())
}

/// What a web page could do from a browser of the same user.
#[tokio::test]
async fn a_web_page_gets_nothing() -> Result<()> {
    let workstation = Workstation::start().await?;
    let port = workstation.agent.port();
    let bearer = format!("Bearer {}", workstation.app.token);
    for headers in [
        &[("host", "evil.example")][..],
        &[("host", &format!("evil.example:{port}"))],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("sec-fetch-mode", "no-cors")],
        &[("sec-fetch-mode", "navigate")],
        &[("sec-fetch-site", "cross-site")],
    ] {
        let mut request = http::Request::get(format!("{}/v1/session", workstation.agent.url))
            .header("authorization", &bearer);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = send(request.body(String::new())?).await?;
        assert_eq!(answer.status(), 403, "{headers:?}");
        // Only who has shown a token is told more, and a page cannot read it.
        let with_token = headers[0].1 == "https://evil.example";
        assert_eq!(answer.body().is_empty(), !with_token, "{answer:?}");
        assert!(!answer.headers().contains_key("access-control-allow-origin"));
    }
    Ok(())
}
