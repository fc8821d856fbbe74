//! `POST /v1/doctor`: checks everything that can be wrong, and tells of each check as it goes. For
//! Cardea's own programs.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Response, header};
use bytes::Bytes;
use cardea_session::DoctorEvent;
use futures_util::stream;
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio::time::Interval;
use tokio_util::sync::CancellationToken;
use utoipa::ToSchema;

use super::ask::ask;
use super::{Api, NO_STORE, body};
use crate::Request as Question;
use crate::problem::{Code, Problem};
use crate::program_stream::every_ten_seconds;
use crate::server::{Busy, Link};

/// A check may take longer than a reader waits for a byte.
const COMMENT: Bytes = Bytes::from_static(b":\n\n");

const EVENT_STREAM: HeaderValue = HeaderValue::from_static("text/event-stream");

/// What to look at.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Examination {
    /// Also what CIS2 says about itself, against the settings.
    cis2: bool,
}

/// Runs every check, one after the other. Local socket only, for Cardea's own programs; one at a
/// time.
#[utoipa::path(
    post,
    path = "/v1/doctor",
    operation_id = "doctor",
    tag = "management",
    request_body = Examination,
    responses(
        (status = 200, content_type = "text/event-stream", body = DoctorEvent,
            description = "Server-Sent Events; the data of each is a DoctorEvent. The stream ends after doctor.finished."),
    ),
)]
pub(crate) async fn examine(
    State(api): State<Arc<Api>>,
    Extension(link): Extension<Arc<Link>>,
    request: Request,
) -> Result<Response<Body>, Problem> {
    let Examination { cis2 } = body::json(request).await?;
    let unknown_callers = api.ownerless_calls.all();
    let apps = api.apps.now().ids();
    let begun = ask(&api, |reply| Question::Doctor {
        cis2,
        unknown_callers,
        apps,
        reply,
    });
    let begun = begun.await?;
    let events = begun.ok_or(Code::DoctorRunning)?;
    let telling = Telling {
        events,
        heartbeat: every_ten_seconds(),
        stop: api.stop.clone(),
        _busy: link.busy(),
    };
    let messages = stream::unfold(telling, |mut telling| async {
        let message = telling.next().await?;
        Some((Ok::<_, Infallible>(message), telling))
    });
    let mut response = Response::new(Body::from_stream(messages));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, EVENT_STREAM);
    headers.insert(header::CACHE_CONTROL, NO_STORE);
    Ok(response)
}

/// The connection counts as used for as long as there is something to tell.
struct Telling {
    events: mpsc::Receiver<DoctorEvent>,
    heartbeat: Interval,
    stop: CancellationToken,
    _busy: Busy,
}

impl Telling {
    async fn next(&mut self) -> Option<Bytes> {
        let event = tokio::select! {
            biased;
            () = self.stop.cancelled() => None,
            event = self.events.recv() => event,
            _ = self.heartbeat.tick() => return Some(COMMENT),
        };
        let event = event?;
        let data = serde_json::to_string(&event).ok()?;
        Some(format!("event: {}\ndata: {data}\n\n", event.name()).into())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;
    use crate::limits::Strangers;
    use crate::server::{Peer, Way};

    #[tokio::test(start_paused = true)]
    async fn a_check_that_takes_long_keeps_the_stream_alive() {
        let (tell, events) = mpsc::channel(1);
        let stranger = Strangers::default().enter();
        let link = Link::new(
            Way::Socket { own_program: true },
            true,
            Peer::Unknown,
            stranger,
        );
        let stop = CancellationToken::new();
        let mut telling = Telling {
            events,
            heartbeat: every_ten_seconds(),
            stop: stop.clone(),
            _busy: Arc::new(link).busy(),
        };
        for _ in 0..2 {
            let next = timeout(Duration::from_secs(30), telling.next());
            assert_eq!(next.await.unwrap().unwrap(), COMMENT);
        }
        let started = DoctorEvent::Started {
            id: "fine".to_owned(),
            title: "Fine".to_owned(),
        };
        tell.send(started).await.unwrap();
        assert!(
            telling
                .next()
                .await
                .unwrap()
                .starts_with(b"event: check.started\n")
        );
        stop.cancel();
        assert_eq!(telling.next().await, None);
    }
}
