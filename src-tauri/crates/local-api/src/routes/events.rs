//! `GET /v1/events`: Server-Sent Events.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, header};
use bytes::Bytes;
use futures_util::stream;
use tokio::time::{Instant, Interval, interval_at};
use tokio_util::sync::CancellationToken;

use super::{Api, NO_STORE};
use crate::access::{Grant, Permit};
use crate::feed::{Delivery, Message, Subscription, View, heartbeat};
use crate::problem::Problem;
use crate::server::{Busy, Link};

const HEARTBEAT: Duration = Duration::from_secs(10);
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
    let permit = grant.stream()?;
    let last = headers.get(LAST_EVENT_ID);
    // An id that is no text is none of ours: an empty one says the same.
    let last = last.map(|id| id.to_str().unwrap_or_default());
    let (opening, subscription) = api.feed.subscribe(View::of(&grant.scopes), last);
    let messages = Messages {
        opening: Some(opening),
        subscription,
        heartbeat: interval_at(Instant::now() + HEARTBEAT, HEARTBEAT),
        grant,
        stop: api.stop.clone(),
        _permit: permit,
        _busy: link.busy(),
    };
    let messages = stream::unfold(messages, |mut messages| async {
        let next = messages.next().await?;
        Some((Ok::<_, Infallible>(next), messages))
    });
    let mut response = Response::new(Body::from_stream(messages));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, EVENT_STREAM);
    headers.insert(header::CACHE_CONTROL, NO_STORE);
    Ok(response)
}

/// One program's stream.
struct Messages {
    opening: Option<Bytes>,
    subscription: Subscription,
    heartbeat: Interval,
    grant: Arc<Grant>,
    stop: CancellationToken,
    _permit: Permit,
    _busy: Busy,
}

impl Messages {
    /// The next bytes; none at the end. What was published before the stop still goes out, but
    /// nothing more to a program that lost its grant.
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(opening) = self.opening.take() {
            return Some(opening);
        }
        tokio::select! {
            biased;
            () = self.grant.revoked().cancelled() => None,
            delivery = self.subscription.next() => match delivery {
                Delivery::Messages(bytes) => Some(bytes),
                Delivery::Closed => None,
            },
            () = self.stop.cancelled() => None,
            _ = self.heartbeat.tick() => {
                Some(heartbeat(self.subscription.boot(), self.subscription.revision()))
            }
        }
    }
}
