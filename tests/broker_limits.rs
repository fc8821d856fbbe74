//! Who is slow, silent or says too much takes nothing away from the broker's other workstations.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::harness::broker::{Broker, BrokerFiles};

/// Longer than the longest of the broker's own.
const LIMIT: Duration = Duration::from_secs(30);

/// The head of an exchange with these lines in it.
fn head(lines: &str) -> String {
    format!(
        "POST /v1/exchange HTTP/1.1\r\nHost: localhost\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n{lines}\r\n\r\n"
    )
}

/// Says something and then no more, and reads until the broker hangs up.
async fn after_saying(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    said: &[u8],
) -> Result<String> {
    stream.write_all(said).await?;
    let mut answer = Vec::new();
    let read = timeout(LIMIT, stream.read_to_end(&mut answer));
    // A broker that hangs up while we still speak may break the connection.
    let _broken = read.await.context("the broker does not hang up")?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

async fn started(port: u16, settings: &[(&'static str, &str)]) -> Result<Broker> {
    let mut files = BrokerFiles::with_certificates("certificate").await?;
    for (name, value) in settings {
        files = files.setting(name, *value);
    }
    // Nobody gets as far as the provider.
    let issuer = "http://127.0.0.1:1";
    files.start(issuer, port).await
}

#[tokio::test]
async fn who_is_silent_or_slow_is_hung_up_on() -> Result<()> {
    const PORT: u16 = 27_161;
    let broker = started(PORT, &[]).await?;
    let authority = broker.files().authority();
    let connect = || authority.connect(PORT, None);
    let no_handshake = TcpStream::connect(("127.0.0.1", PORT)).await?;
    let (no_request, half_a_head, half_a_body) =
        (connect().await?, connect().await?, connect().await?);
    let body = format!("{}code=half", head("Content-Length: 100"));
    let (no_handshake, no_request, half_a_head, half_a_body) = tokio::try_join!(
        after_saying(no_handshake, b"\x16\x03\x01"),
        after_saying(no_request, b""),
        after_saying(half_a_head, b"POST /v1/exchange HTTP/1.1\r\nHost: loc"),
        after_saying(half_a_body, body.as_bytes()),
    )?;
    assert_eq!(no_handshake, "");
    assert_eq!(no_request, "");
    ensure!(!half_a_head.contains("200"), "{half_a_head}");
    ensure!(half_a_body.starts_with("HTTP/1.1 400 "), "{half_a_body}");
    ensure!(half_a_body.contains("bad_request"), "{half_a_body}");
    broker.is_healthy().await?;
    broker.stop().await.map(drop)
}

#[tokio::test]
async fn who_says_too_much_is_refused_before_it_is_read() -> Result<()> {
    const PORT: u16 = 27_162;
    let broker = started(PORT, &[]).await?;
    let authority = broker.files().authority();
    // Only announced, and then really sent without saying so before.
    let announced = authority.connect(PORT, None).await?;
    let answer = after_saying(announced, head("Content-Length: 8193").as_bytes()).await?;
    ensure!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    ensure!(answer.contains("body_too_large"), "{answer}");
    let chunked = authority.connect(PORT, None).await?;
    let body = "a".repeat(9 * 1024);
    let said = head("Transfer-Encoding: chunked");
    let said = format!("{said}{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    let answer = after_saying(chunked, said.as_bytes()).await?;
    ensure!(answer.starts_with("HTTP/1.1 413 "), "{answer}");

    let long = authority.connect(PORT, None).await?;
    let filler = "a".repeat(20 * 1024);
    let said = format!("GET /health HTTP/1.1\r\nHost: localhost\r\nFiller: {filler}\r\n\r\n");
    let answer = after_saying(long, said.as_bytes()).await?;
    ensure!(!answer.contains(" 200 "), "{answer}");
    broker.is_healthy().await?;
    broker.stop().await.map(drop)
}

#[tokio::test]
async fn a_request_more_than_there_is_room_for_is_told_that_the_broker_is_busy() -> Result<()> {
    const PORT: u16 = 27_163;
    let files = BrokerFiles::with_certificates("certificate").await?;
    let files = files.setting("CARDEA_BROKER_LIMITS_REQUESTS", "1");
    let silent = TcpListener::bind("127.0.0.1:0").await?;
    let issuer = format!("http://{}", silent.local_addr()?);
    let broker = files.start(&issuer, PORT).await?;

    // Strangers who have not said everything take none of it.
    let mut stranger = broker.files().authority().connect(PORT, None).await?;
    let begun = head("Content-Length: 9\r\nExpect: 100-continue");
    stranger.write_all(begun.as_bytes()).await?;
    // The broker has begun to read the body when it asks for it.
    let mut asked = [0; 25];
    timeout(LIMIT, stranger.read_exact(&mut asked)).await??;
    assert_eq!(&asked, b"HTTP/1.1 100 Continue\r\n\r\n");

    let ours = broker.files().authority().client("RECEPTION").await?;
    let form = "code=c&code_verifier=v&redirect_uri=http://localhost:28117/callback";
    let form = ["--data", form];
    let exchange = || broker.answer("/v1/exchange", Some(&ours), &form);
    let mut first = Box::pin(exchange());
    let (mut provider, _) = tokio::select! {
        answered = first.as_mut() => anyhow::bail!("{answered:?}"),
        asked = timeout(LIMIT, silent.accept()) => asked??,
    };
    let second = exchange().await?;
    ensure!(second.contains("\"busy\""), "{second}");
    ensure!(second.ends_with(" 503"), "{second}");
    broker.is_healthy().await?;

    provider.shutdown().await?;
    drop(provider);
    let first = first.await?;
    ensure!(first.contains("provider_unreachable"), "{first}");
    stranger.write_all(b"code=half").await?;
    let mut answer = [0; 12];
    timeout(LIMIT, stranger.read_exact(&mut answer)).await??;
    assert_eq!(&answer, b"HTTP/1.1 401");
    broker.stop().await.map(drop)
}

#[tokio::test]
async fn a_connection_more_than_there_is_room_for_waits_until_another_one_ends() -> Result<()> {
    const PORT: u16 = 27_164;
    let room = [("CARDEA_BROKER_LIMITS_CONNECTIONS", "1")];
    let broker = started(PORT, &room).await?;
    let mut first = broker.files().authority().connect(PORT, None).await?;
    let health = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
    first.write_all(health).await?;
    let mut answer = [0; 12];
    timeout(LIMIT, first.read_exact(&mut answer)).await??;
    assert_eq!(&answer, b"HTTP/1.1 200");

    {
        let mut second = std::pin::pin!(broker.is_healthy());
        let mut rest = [0; 1024];
        let again = async {
            first.write_all(health).await?;
            first.read(&mut rest).await
        };
        tokio::select! {
            biased;
            _ = second.as_mut() => anyhow::bail!("it was not held up"),
            read = again => ensure!(read? > 0),
        }
        drop(first);
        second.await?;
    }
    broker.stop().await.map(drop)
}
