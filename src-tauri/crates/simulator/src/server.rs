//! The listening and the connections of what is simulated; all of them are owned by the one task of
//! [`serve`].

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

const MOST_CONNECTIONS: usize = 256;
const HEADER_LIMIT: Duration = Duration::from_secs(10);

/// The longest a connection lives, a held or hanging one too.
const CONNECTION_LIMIT: Duration = Duration::from_secs(600);

/// Serves what `answer` gives until `stop`; then every connection is dropped.
pub(crate) async fn serve<A, F, B>(listener: TcpListener, answer: A, stop: CancellationToken)
where
    A: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data = Bytes, Error = Infallible> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept(), if connections.len() < MOST_CONNECTIONS => {
                // A failed accept concerns that connection only.
                if let Ok((stream, _)) = accepted {
                    connections.spawn(connection(stream, answer.clone()));
                }
            }
        }
    }
}

async fn connection<A, F, B>(stream: TcpStream, answer: A)
where
    A: Fn(Request<Incoming>) -> F + Send + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data = Bytes, Error = Infallible> + Send + 'static,
{
    let service = service_fn(move |request| {
        let answering = answer(request);
        async move { Ok::<_, Infallible>(answering.await) }
    });
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_LIMIT)
        .serve_connection(TokioIo::new(stream), service);
    // Both ways to fail, the client's going away and the limit, are the client's to notice.
    let _ = tokio::time::timeout(CONNECTION_LIMIT, serving).await;
}
