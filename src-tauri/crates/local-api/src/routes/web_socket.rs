//! `GET /v1/events/ws`: the events over WebSocket (RFC 6455).

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use serde::Deserialize;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::{Api, body};
use crate::access::{Grant, protocols};
use crate::feed::Message;
use crate::problem::{Code, Problem};
use crate::program_stream::ProgramStream;
use crate::server::Link;

const PROTOCOL: &str = "cardea.v1";

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Resume {
    /// The id of the last message that was seen.
    last_event_id: Option<String>,
}

/// Every change, as it happens, over WebSocket. Each message is a text frame: an EventMessage, with
/// its `id` where it has one. Messages from the client are refused. Closes with 4401 when the
/// program was revoked, 4403 when it lost a scope or origin, 4408 when it reads too slowly, 1001
/// when the agent stops.
#[utoipa::path(
    get,
    path = "/v1/events/ws",
    operation_id = "eventsByWebSocket",
    tag = "session",
    params(
        Resume,
        ("Sec-WebSocket-Protocol" = String, Header, description = "cardea.v1, and bearer. with the program's token where there is no Authorization."),
    ),
    responses(
        (status = 101, body = Message, description = "The protocol cardea.v1 is spoken."),
    ),
)]
pub(crate) async fn open(
    State(api): State<Arc<Api>>,
    Extension(grant): Extension<Arc<Grant>>,
    Extension(link): Extension<Arc<Link>>,
    mut request: Request,
) -> Result<Response<Body>, Problem> {
    let resume: Resume = body::query(request.uri())?;
    let key = key(request.headers())?;
    let last = resume.last_event_id.as_deref();
    let stream = ProgramStream::open(&api, grant, link.busy(), last)?;
    link.becomes_web_socket(hyper::upgrade::on(&mut request), stream);
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, key);
    headers.insert(
        header::SEC_WEBSOCKET_PROTOCOL,
        HeaderValue::from_static(PROTOCOL),
    );
    Ok(response)
}

/// What the server answers to the client's key, when all is as RFC 6455, section 4.2.1 wants it.
fn key(headers: &HeaderMap) -> Result<HeaderValue, Problem> {
    let bad = |detail: &str| Problem::from(Code::BadRequest).detail(detail);
    let lists = |name: &HeaderName, wanted: &[u8]| {
        let values = headers.get_all(name).iter();
        let mut words = values.flat_map(|value| value.as_bytes().split(|&byte| byte == b','));
        words.any(|word| word.trim_ascii().eq_ignore_ascii_case(wanted))
    };
    if !lists(&header::UPGRADE, b"websocket") || !lists(&header::CONNECTION, b"upgrade") {
        return Err(bad("The route speaks WebSocket only.").status(StatusCode::UPGRADE_REQUIRED));
    }
    if !lists(&header::SEC_WEBSOCKET_VERSION, b"13") {
        return Err(
            bad("Only version 13 of WebSocket is spoken.").status(StatusCode::UPGRADE_REQUIRED)
        );
    }
    if !protocols(headers).any(|protocol| protocol == PROTOCOL.as_bytes()) {
        return Err(bad("Sec-WebSocket-Protocol must name cardea.v1."));
    }
    let key = headers.get(header::SEC_WEBSOCKET_KEY);
    let key = key
        .filter(|key| key.len() == 24)
        .ok_or_else(|| bad("Sec-WebSocket-Key is missing."))?;
    HeaderValue::try_from(derive_accept_key(key.as_bytes()))
        .map_err(|_| Problem::from(Code::InternalError))
}
