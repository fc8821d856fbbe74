//! `POST /v1/agent/stop`: ends the agent in order.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Response;

use super::ask::ask;
use super::body::Nothing;
use super::{Api, body, no_content};
use crate::Request as Question;
use crate::problem::Problem;

/// Ends the session and the agent, in order; the answer comes before. For whoever replaces the
/// program. Local socket only, for Cardea's own programs.
#[utoipa::path(
    post,
    path = "/v1/agent/stop",
    operation_id = "stopAgent",
    tag = "management",
    request_body = Nothing,
    responses(
        (status = 204),
    ),
)]
pub(crate) async fn stop(
    State(api): State<Arc<Api>>,
    request: Request,
) -> Result<Response<Body>, Problem> {
    let Nothing {} = body::json(request).await?;
    ask(&api, |reply| Question::Stop { reply }).await?;
    Ok(no_content())
}
