//! Plain HTTP/1.1 requests to loopback, without any of our own code.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;

const LIMIT: Duration = Duration::from_secs(30);

/// Sends a request with an absolute `http:` address and reads the whole answer.
pub async fn send(request: Request<String>) -> Result<Response<Bytes>> {
    timeout(LIMIT, exchange(request))
        .await
        .context("no answer in time")?
}

async fn exchange(request: Request<String>) -> Result<Response<Bytes>> {
    let (mut parts, body) = request.into_parts();
    let authority = parts.uri.authority().context("no host")?.clone();
    let path = parts
        .uri
        .path_and_query()
        .map_or("/", |path| path.as_str())
        .to_owned();
    parts.uri = path.parse()?;
    if !parts.headers.contains_key("host") {
        parts.headers.insert("host", authority.as_str().parse()?);
    }

    let stream = TcpStream::connect(authority.as_str()).await?;
    speak(stream, Request::from_parts(parts, body)).await
}

/// Sends a request with a path to a local socket and reads the whole answer.
pub async fn send_to_socket(socket: &Path, request: Request<String>) -> Result<Response<Bytes>> {
    let stream = UnixStream::connect(socket).await?;
    timeout(LIMIT, speak(stream, request))
        .await
        .context("no answer in time")?
}

async fn speak(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    request: Request<String>,
) -> Result<Response<Bytes>> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let answer = async {
        let answer = sender
            .send_request(request.map(Full::<Bytes>::from))
            .await?;
        let (parts, body) = answer.into_parts();
        anyhow::Ok(Response::from_parts(
            parts,
            body.collect().await?.to_bytes(),
        ))
    };
    tokio::pin!(answer, connection);
    tokio::select! {
        answer = &mut answer => answer,
        ended = &mut connection => {
            ended?;
            answer.await
        }
    }
}
