//! What callers send, within bounds of size and time.

use std::time::Duration;

use axum::body::Body;
use axum::extract::Query;
use axum::http::{Request, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use crate::problem::{Code, Problem};

/// In bytes.
const MAX_BODY: usize = 64 * 1024;
const BODY_LIMIT: Duration = Duration::from_secs(5);

/// The parameters of the address. Unknown ones are ignored, double ones refused.
pub(super) fn query<T: DeserializeOwned>(uri: &Uri) -> Result<T, Problem> {
    let Query(query) = Query::try_from_uri(uri)
        .map_err(|_| Problem::from(Code::BadRequest).detail("The parameters cannot be read."))?;
    Ok(query)
}

/// The JSON object of a POST; an empty body is an empty object. The content type makes a browser
/// ask before it sends one from another origin.
pub(super) async fn json<T: DeserializeOwned>(request: Request<Body>) -> Result<T, Problem> {
    let bad = Problem::from(Code::BadRequest);
    let kind = request.headers().get(header::CONTENT_TYPE);
    if !kind.is_some_and(|kind| is_json(kind.as_bytes())) {
        return Err(bad
            .status(StatusCode::UNSUPPORTED_MEDIA_TYPE)
            .detail("The content type must be application/json."));
    }
    let body = Limited::new(request.into_body(), MAX_BODY).collect();
    let Ok(body) = timeout(BODY_LIMIT, body).await else {
        return Err(bad
            .status(StatusCode::REQUEST_TIMEOUT)
            .detail("The body did not come in time."));
    };
    let body = match body {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => {
            return Err(bad
                .status(StatusCode::PAYLOAD_TOO_LARGE)
                .detail("The body is longer than 64 KiB."));
        }
        Err(_) => return Err(bad.detail("The body did not come whole.")),
    };
    let body = if body.is_empty() {
        b"{}".as_slice()
    } else {
        &body
    };
    let wrong = bad.detail("The body is not the JSON object that the route knows.");
    // A list would be taken for the members in their order.
    if !body.trim_ascii_start().starts_with(b"{") {
        return Err(wrong);
    }
    serde_json::from_slice(body).map_err(|_| wrong)
}

fn is_json(content_type: &[u8]) -> bool {
    let essence = content_type.split(|&byte| byte == b';').next();
    essence.is_some_and(|essence| {
        essence
            .trim_ascii()
            .eq_ignore_ascii_case(b"application/json")
    })
}
