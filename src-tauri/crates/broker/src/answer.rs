//! Answers as they go out: nobody may keep them.

use bytes::Bytes;
use http::Response;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, StatusCode};
use http_body_util::Full;

use crate::provider::ProviderAnswer;

/// An answer of this server.
pub(crate) type Answer = Response<Full<Bytes>>;

/// Text of ours.
pub(crate) fn text(status: StatusCode, content_type: &'static str, text: String) -> Answer {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    with(status, headers, text.into())
}

/// The provider's answer as it is.
pub(crate) fn of_provider(answer: ProviderAnswer) -> Answer {
    with(answer.status, answer.headers, answer.body)
}

fn with(status: StatusCode, headers: HeaderMap, body: Bytes) -> Answer {
    let mut answer = Response::new(Full::new(body));
    *answer.status_mut() = status;
    *answer.headers_mut() = headers;
    let no_store = HeaderValue::from_static("no-store");
    answer.headers_mut().insert(CACHE_CONTROL, no_store);
    answer
}
