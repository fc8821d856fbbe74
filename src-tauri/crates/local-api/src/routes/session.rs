//! `GET /v1/session`: the snapshot, for programs that poll.

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use cardea_session::Snapshot;
use serde::Deserialize;
use tokio::time::timeout;

use super::{Api, NO_STORE, body, json_bytes};
use crate::access::{Grant, Lost};
use crate::feed::{Shown, View};
use crate::problem::{Code, Problem};

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Patience {
    /// With `If-None-Match`: wait so many seconds at most for another tag.
    #[param(minimum = 1, maximum = 25)]
    wait: Option<u64>,
}

/// Everything there is to know of the session.
#[utoipa::path(
    get,
    path = "/v1/session",
    operation_id = "session",
    tag = "session",
    params(
        Patience,
        ("If-None-Match" = String, Header, description = "The ETag of the snapshot that is known."),
    ),
    responses(
        (status = 200, body = Snapshot, headers(("ETag" = String, description = "Names this snapshot."))),
        (status = 304, description = "Nothing changed."),
    ),
)]
pub(crate) async fn read(
    State(api): State<Arc<Api>>,
    Extension(grant): Extension<Arc<Grant>>,
    request: Request,
) -> Result<Response<Body>, Problem> {
    let patience = patience(&request)?;
    let view = View::of(&grant.scopes);
    let current = api.feed.current();
    let shown = current.shown(view);
    if !is_known(request.headers(), &shown.etag) {
        return Ok(changed(shown));
    }
    let Some(seconds) = patience.wait else {
        return Ok(unchanged(&shown.etag));
    };
    let mut feed = api.feed.clone();
    let passed = async {
        tokio::select! {
            biased;
            _ = grant.taken_back() => {}
            _ = feed.passed(current.number()) => {}
            () = api.stop.cancelled() => {}
        }
    };
    let _waited_long_enough = timeout(Duration::from_secs(seconds), passed).await;
    match grant.lost() {
        None => {}
        Some(Lost::Everything) => return Err(Code::TokenRevoked.into()),
        // What it may see now is for its next call to find out.
        Some(Lost::Scope) => return Ok(unchanged(&shown.etag)),
    }
    let now = api.feed.current();
    let shown = now.shown(view);
    if now.number() == current.number() {
        Ok(unchanged(&shown.etag))
    } else {
        Ok(changed(shown))
    }
}

fn patience(request: &Request) -> Result<Patience, Problem> {
    let patience: Patience = match request.uri().query() {
        Some(_) => body::query(request.uri())?,
        None => Patience::default(),
    };
    if patience
        .wait
        .is_some_and(|seconds| !(1..=25).contains(&seconds))
    {
        return Err(Problem::from(Code::BadRequest).detail("wait must be 1 to 25 seconds."));
    }
    Ok(patience)
}

/// `If-None-Match` (RFC 9110, section 13.1.2).
fn is_known(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    headers.get_all(header::IF_NONE_MATCH).iter().any(|known| {
        known == etag
            || known.as_bytes().split(|&byte| byte == b',').any(|tag| {
                let tag = tag.trim_ascii();
                tag == b"*" || tag.strip_prefix(b"W/").unwrap_or(tag) == etag.as_bytes()
            })
    })
}

fn changed(shown: &Shown) -> Response<Body> {
    let mut response = json_bytes(shown.snapshot());
    response
        .headers_mut()
        .insert(header::ETAG, shown.etag.clone());
    response
}

fn unchanged(etag: &HeaderValue) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    let headers = response.headers_mut();
    headers.insert(header::ETAG, etag.clone());
    headers.insert(header::CACHE_CONTROL, NO_STORE);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_known_alone_in_a_list_weak_or_by_star() {
        let etag = HeaderValue::from_static("\"b-7-x\"");
        let known = |sent: &'static str| {
            let headers = [(header::IF_NONE_MATCH, HeaderValue::from_static(sent))];
            is_known(&HeaderMap::from_iter(headers), &etag)
        };
        for sent in ["\"b-7-x\"", "W/\"b-7-x\"", "\"a\", \"b-7-x\"", "*"] {
            assert!(known(sent), "{sent}");
        }
        for sent in ["\"b-7-y\"", "b-7-x", ""] {
            assert!(!known(sent), "{sent}");
        }
        assert!(!is_known(&HeaderMap::new(), &etag));
    }
}
