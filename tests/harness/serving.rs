//! Takes connections for a server of the tests.

use std::future::Future;

use anyhow::{Result, ensure};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// More than the head of any request of the tests has.
const LONGEST_HEAD: usize = 8 * 1024;

/// Reads the head of a request, and nothing after it.
pub async fn head(client: &mut (impl AsyncRead + Unpin)) -> Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        ensure!(head.len() < LONGEST_HEAD, "too long");
        head.push(client.read_u8().await?);
    }
    Ok(String::from_utf8(head)?)
}

/// Serves each connection on a task of its own; they end with this future.
pub async fn each<F>(listener: TcpListener, mut serve: impl FnMut(TcpStream) -> F)
where
    F: Future<Output: Send> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => {
                // A failed accept concerns that connection only.
                if let Ok((client, _)) = accepted {
                    connections.spawn(serve(client));
                }
            }
        }
    }
}
