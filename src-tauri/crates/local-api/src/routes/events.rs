//! `GET /v1/events`: Server-Sent Events.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, header};
use futures_util::stream;

use super::{Api, NO_STORE};
use crate::access::Grant;
use crate::feed::Message;
use crate::problem::Problem;
use crate::program_stream::{Next, ProgramStream};
use crate::server::Link;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
const EVENT_STREAM: HeaderValue = HeaderValue::from_static("text/event-stream");

/// Every change, as it happens.
#[utoipa::path(
    get,
    path = "/v1/events",
    operation_id = "events",
    tag = "session",
    params(
        ("Last-Event-ID" = String, Header, description = "The id of the last message that was seen."),
    ),
    responses(
        (status = 200, content_type = "text/event-stream", body = Message,
            description = "Server-Sent Events; the data of each is an EventMessage, its event and id fields repeat the name and number the message."),
    ),
)]
pub(crate) async fn stream(
    State(api): State<Arc<Api>>,
    Extension(grant): Extension<Arc<Grant>>,
    Extension(link): Extension<Arc<Link>>,
    headers: HeaderMap,
) -> Result<Response<Body>, Problem> {
    let last = headers.get(LAST_EVENT_ID);
    // An id that is no text is none of ours: an empty one says the same.
    let last = last.map(|id| id.to_str().unwrap_or_default());
    let messages = ProgramStream::open(&api, grant, link.busy(), last)?;
    let messages = stream::unfold(messages, |mut messages| async {
        match messages.next().await {
            Next::Messages(batch) => Some((Ok::<_, Infallible>(batch.events().clone()), messages)),
            Next::Lost(_) | Next::Stopped => None,
        }
    });
    let mut response = Response::new(Body::from_stream(messages));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, EVENT_STREAM);
    headers.insert(header::CACHE_CONTROL, NO_STORE);
    Ok(response)
}
