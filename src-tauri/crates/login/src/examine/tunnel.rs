//! The way through a proxy (RFC 9110, section 9.3.6).

use http::HeaderValue;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use url::Url;

use super::ConnectionProblem;

/// The longest head of an answer that is read.
const HEAD_LIMIT: usize = 8 * 1024;

/// Has the proxy at the other end of `stream` connect it to the server of `url`.
pub(super) async fn open(
    stream: &mut TcpStream,
    url: &Url,
    authorization: Option<&HeaderValue>,
) -> Result<(), ConnectionProblem> {
    let host = url.host_str().unwrap_or_default();
    let port = url.port_or_known_default().unwrap_or(0);
    let mut request =
        format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n").into_bytes();
    if let Some(value) = authorization {
        request.extend(b"Proxy-Authorization: ");
        request.extend(value.as_bytes());
        request.extend(b"\r\n");
    }
    request.extend(b"\r\n");
    let asked = stream.write_all(&request).await;
    asked.map_err(ConnectionProblem::BrokenOff)?;

    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() == HEAD_LIMIT {
            return Err(ConnectionProblem::NoProxy);
        }
        // Byte by byte: what comes after the head is the server's.
        let byte = stream.read_u8().await;
        head.push(byte.map_err(ConnectionProblem::BrokenOff)?);
    }
    match status(&head) {
        Some(200..=299) => Ok(()),
        Some(407) => Err(ConnectionProblem::ProxyAuthentication),
        Some(status) => Err(ConnectionProblem::ProxyRefuses(status)),
        None => Err(ConnectionProblem::NoProxy),
    }
}

/// RFC 9112, section 4.
fn status(head: &[u8]) -> Option<u16> {
    let rest = head.strip_prefix(b"HTTP/1.")?;
    let status = rest.get(2..5)?;
    let status = str::from_utf8(status).ok()?.parse().ok()?;
    (100..600).contains(&status).then_some(status)
}
