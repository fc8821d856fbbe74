//! Takes connections for a server of the tests.

use std::future::Future;
use std::sync::Arc;

use anyhow::{Result, ensure};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _, copy, sink};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::task::AbortOnDropHandle;

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

/// Answers whatever is asked with these bytes, for as long as it is held.
pub fn answering(listener: TcpListener, answer: String) -> AbortOnDropHandle<()> {
    answering_each(listener, move |_| answer.clone())
}

/// Answers each request by its head, for as long as it is held.
pub fn answering_each(
    listener: TcpListener,
    answer: impl Fn(&str) -> String + Send + Sync + 'static,
) -> AbortOnDropHandle<()> {
    let answer = Arc::new(answer);
    let serving = each(listener, move |client| say(client, Arc::clone(&answer)));
    AbortOnDropHandle::new(tokio::spawn(serving))
}

async fn say(mut client: TcpStream, answer: Arc<impl Fn(&str) -> String>) -> Result<()> {
    let head = head(&mut client).await?;
    client.write_all(answer(&head).as_bytes()).await?;
    client.shutdown().await?;
    // What else is asked must not make the system take the answer back.
    copy(&mut client, &mut sink()).await?;
    Ok(())
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
