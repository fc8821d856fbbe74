//! Requests to the provider, read whole.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::provider::answer::{self, Answer};
use crate::provider::route;
use crate::provider::state::Shared;

const LARGEST_BODY: usize = 64 * 1024;

/// Serves until `stop`; then every connection is dropped.
pub(super) async fn serve(listener: TcpListener, shared: Arc<Shared>, stop: CancellationToken) {
    let answer = move |request| answer_to(Arc::clone(&shared), request);
    crate::server::serve(listener, answer, stop).await;
}

async fn answer_to(shared: Arc<Shared>, request: Request<Incoming>) -> Answer {
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, LARGEST_BODY).collect().await else {
        return answer::empty_answer(StatusCode::PAYLOAD_TOO_LARGE);
    };
    let request: Request<Bytes> = Request::from_parts(head, body.to_bytes());
    route::route(&shared, &request).await
}
