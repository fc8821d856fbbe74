//! Answers, and the ways they go wrong.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{self, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use hyper::body::{Body, Frame};
use serde_json::{Value, json};

use crate::provider::AnswerFault;

/// How much [`AnswerFault::Huge`] sends.
const HUGE: usize = 100_000_000;
const CHUNK: &[u8] = &[b'a'; 64 * 1024];

const HTML: &str = "text/html; charset=utf-8";
const JSON: &str = "application/json;charset=UTF-8";

/// What an answer carries.
pub(super) enum Content {
    /// So much and no more.
    Whole(Option<Bytes>),
    /// A beginning, then so many bytes of filling.
    Filled(Option<Bytes>, usize),
    /// A beginning, then silence.
    Stalled(Option<Bytes>),
}

/// An answer of the simulated CIS2.
pub(super) type Answer = Response<Content>;

impl Body for Content {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let frame = |bytes| Poll::Ready(Some(Ok(Frame::data(bytes))));
        match self.get_mut() {
            Self::Whole(content) => content.take().map_or(Poll::Ready(None), frame),
            Self::Filled(content, filling) => {
                if let Some(content) = content.take() {
                    return frame(content);
                }
                let size = CHUNK.len().min(*filling);
                *filling -= size;
                match size {
                    0 => Poll::Ready(None),
                    size => frame(Bytes::from_static(CHUNK.split_at(size).0)),
                }
            }
            // Never woken: the connection's end, or the provider's, ends it.
            Self::Stalled(content) => content.take().map_or(Poll::Pending, frame),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None) | Self::Filled(None, 0))
    }
}

/// JSON that nobody may keep.
pub(super) fn json_answer(status: StatusCode, content: &Value) -> Answer {
    answer(status, JSON, content.to_string())
}

/// `{"error_description": …, "error": …}` in AM's order.
pub(super) fn error_answer(status: StatusCode, error: &str, description: &str) -> Answer {
    json_answer(
        status,
        &json!({ "error_description": description, "error": error }),
    )
}

/// A page.
pub(super) fn page_answer(status: StatusCode, page: String) -> Answer {
    let mut answer = answer(status, HTML, page);
    let policy = HeaderValue::from_static(
        "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    );
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    let no_referrer = HeaderValue::from_static("no-referrer");
    headers.insert(header::REFERRER_POLICY, no_referrer);
    answer
}

/// The pages' style sheet.
pub(super) fn style_answer(style: &'static str) -> Answer {
    answer(StatusCode::OK, "text/css; charset=utf-8", style.to_owned())
}

/// An answer without content.
pub(super) fn empty_answer(status: StatusCode) -> Answer {
    answer(status, JSON, String::new())
}

/// A redirect.
pub(super) fn redirect_answer(status: StatusCode, location: &str) -> Answer {
    let mut answer = empty_answer(status);
    if let Ok(location) = HeaderValue::from_str(location) {
        answer.headers_mut().insert(header::LOCATION, location);
    }
    answer
}

/// The 500 of a server that has other worries.
pub(super) fn server_error() -> Answer {
    answer(
        StatusCode::INTERNAL_SERVER_ERROR,
        HTML,
        "<!doctype html><title>HTTP Status 500</title><h1>Internal Server Error</h1>".into(),
    )
}

/// The same answer with what `fault` does to the content of an answer.
pub(super) fn spoil(answer: Answer, fault: AnswerFault) -> Answer {
    let (mut head, content) = answer.into_parts();
    let Content::Whole(Some(whole)) = content else {
        return Response::from_parts(head, content);
    };
    let half = whole.slice(..whole.len() / 2);
    let content = match fault {
        AnswerFault::Truncated => Content::Whole(Some(half)),
        AnswerFault::Huge => Content::Filled(Some(half), HUGE),
        AnswerFault::HangsHalfway => Content::Stalled(Some(half)),
        AnswerFault::WrongContentType => {
            let html = HeaderValue::from_static(HTML);
            head.headers.insert(header::CONTENT_TYPE, html);
            Content::Whole(Some(whole))
        }
        AnswerFault::Redirects | AnswerFault::ServerError | AnswerFault::Hangs => {
            Content::Whole(Some(whole))
        }
    };
    Response::from_parts(head, content)
}

fn answer(status: StatusCode, content_type: &'static str, content: String) -> Answer {
    let mut answer = Response::new(Content::Whole(Some(content.into())));
    *answer.status_mut() = status;
    let headers: [(HeaderName, &str); 3] = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    for (name, value) in headers {
        answer
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    answer
}
