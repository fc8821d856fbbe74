//! What clinical programs see when the card leaves, each in its own way, and that none of them can
//! hold up the others.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use cardea_client::{App, Client, SignedOutReason, Tagged, Token, Update, View, Watch};
use cardea_session::{EndReason, Snapshot, State};
use rustix::net::sockopt::set_socket_recv_buffer_size;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use crate::harness::agent;
use crate::harness::stream::Stream;
use crate::harness::workstation::{NHS_CARD, Workstation};

const LIMIT: Duration = Duration::from_secs(30);

/// A program by our own client, with what it needs to know.
fn client(workstation: &Workstation) -> Result<Client> {
    let app = App {
        id: workstation.app.id.to_owned(),
        token: Token::new(workstation.app.token.clone())?,
    };
    Ok(Client::tcp(&workstation.agent.url, app)?)
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
