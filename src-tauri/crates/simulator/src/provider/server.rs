//! The listening and the connections; all of them are owned by the one task of [`serve`].

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::provider::answer::{self, Answer};
use crate::provider::route;
use crate::provider::state::Shared;

const MOST_CONNECTIONS: usize = 256;
const LARGEST_BODY: usize = 64 * 1024;
const HEADER_LIMIT: Duration = Duration::from_secs(10);

/// The longest a connection lives, a held or hanging one too.
const CONNECTION_LIMIT: Duration = Duration::from_secs(600);

/// Serves until `stop`; then every connection is dropped.
pub(super) async fn serve(listener: TcpListener, shared: Arc<Shared>, stop: CancellationToken) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept(), if connections.len() < MOST_CONNECTIONS => {
                // A failed accept concerns that connection only.
                if let Ok((stream, _)) = accepted {
                    connections.spawn(connection(stream, Arc::clone(&shared)));
                }
            }
        }
    }
}

async fn connection(stream: TcpStream, shared: Arc<Shared>) {
    let service = service_fn(|request| {
        let shared = Arc::clone(&shared);
        async move { Ok::<_, Infallible>(answer_to(&shared, request).await) }
    });
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_LIMIT)
        .serve_connection(TokioIo::new(stream), service);
    // Both ways to fail, the client's going away and the limit, are the client's to notice.
    let _ = tokio::time::timeout(CONNECTION_LIMIT, serving).await;
}

async fn answer_to(shared: &Shared, request: Request<Incoming>) -> Answer {
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, LARGEST_BODY).collect().await else {
        return answer::empty_answer(StatusCode::PAYLOAD_TOO_LARGE);
    };
    let request: Request<Bytes> = Request::from_parts(head, body.to_bytes());
    route::route(shared, &request).await
}
