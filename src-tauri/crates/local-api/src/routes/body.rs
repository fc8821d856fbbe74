//! What callers send, within bounds of size and time.

use std::time::Duration;

use axum::body::Body;
use axum::extract::Query;
use axum::http::{Request, StatusCode, Uri, header};
use bytes::Bytes;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::time::timeout;
use utoipa::ToSchema;

use crate::problem::{Code, Problem};

/// In bytes.
const MAX_BODY: usize = 64 * 1024;
const BODY_LIMIT: Duration = Duration::from_secs(5);

/// Nothing.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

/// The parameters of the address. Unknown ones are ignored, double ones refused.
pub(super) fn query<T: DeserializeOwned>(uri: &Uri) -> Result<T, Problem> {
    let Query(query) = Query::try_from_uri(uri)
        .map_err(|_| Problem::from(Code::BadRequest).detail("The parameters cannot be read."))?;
    Ok(query)
}

/// The JSON object of a POST; an empty body is an empty object. The content type makes a browser
/// ask before it sends one from another origin.
pub(super) async fn json<T: DeserializeOwned>(request: Request<Body>) -> Result<T, Problem> {
    let body = whole(request, "application/json").await?;
    let body = if body.is_empty() {
        b"{}".as_slice()
    } else {
        &body
    };
    let wrong = || {
        Problem::from(Code::BadRequest)
            .detail("The body is not the JSON object that the route knows.")
    };
    // A list would be taken for the members in their order.
    if !body.trim_ascii_start().starts_with(b"{") {
        return Err(wrong());
    }
    serde_json::from_slice(body).map_err(|_| wrong())
}

/// The form of a POST that another standard prescribes. A page could send one without being asked
/// first, so only for what browsers cannot reach.
pub(super) async fn form(request: Request<Body>) -> Result<Bytes, Problem> {
    whole(request, "application/x-www-form-urlencoded").await
}

async fn whole(request: Request<Body>, kind: &str) -> Result<Bytes, Problem> {
    let bad = Problem::from(Code::BadRequest);
    let sent = request.headers().get(header::CONTENT_TYPE);
    if !sent.is_some_and(|sent| is_of(sent.as_bytes(), kind)) {
        return Err(bad
            .status(StatusCode::UNSUPPORTED_MEDIA_TYPE)
            .detail(format!("The content type must be {kind}.")));
    }
    let body = Limited::new(request.into_body(), MAX_BODY).collect();
    let Ok(body) = timeout(BODY_LIMIT, body).await else {
        return Err(bad
            .status(StatusCode::REQUEST_TIMEOUT)
            .detail("The body did not come in time."));
    };
    match body {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(bad
            .status(StatusCode::PAYLOAD_TOO_LARGE)
            .detail("The body is longer than 64 KiB.")),
        Err(_) => Err(bad.detail("The body did not come whole.")),
    }
}

fn is_of(content_type: &[u8], kind: &str) -> bool {
    let essence = content_type.split(|&byte| byte == b';').next();
    essence.is_some_and(|essence| essence.trim_ascii().eq_ignore_ascii_case(kind.as_bytes()))
}
