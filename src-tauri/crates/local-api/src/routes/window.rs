//! `POST /v1/window`: opens Cardea's window.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Response;

use super::ask::ask;
use super::body::Nothing;
use super::{Api, body, no_content};
use crate::problem::{Code, Problem};
use crate::{Request as Question, WindowError};

/// Opens Cardea's window, or has the open one come forward.
#[utoipa::path(
    post,
    path = "/v1/window",
    operation_id = "openWindow",
    tag = "session",
    request_body = Nothing,
    responses(
        (status = 204),
    ),
)]
pub(crate) async fn open(
    State(api): State<Arc<Api>>,
    request: Request,
) -> Result<Response<Body>, Problem> {
    let Nothing {} = body::json(request).await?;
    let opened = ask(&api, |reply| Question::OpenWindow { reply }).await?;
    opened.map_err(|error| match error {
        WindowError::NotInstalled => Code::NoWindow,
        WindowError::NotStarted => Code::WindowNotStarted,
    })?;
    Ok(no_content())
}
