//! `GET /v1/activity`: what happened lately. For Cardea's own programs.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::ask::ask;
use super::{Api, json};
use crate::problem::Problem;
use crate::{ActivityEntry, Request as Question};

/// What happened lately.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Activity {
    /// The oldest first; ids and codes only, never who.
    entries: Vec<ActivityEntry>,
}

/// The last 200 lines of the audit, those of earlier runs too. Local socket only, for Cardea's own
/// programs.
#[utoipa::path(
    get,
    path = "/v1/activity",
    operation_id = "activityHistory",
    tag = "management",
    responses(
        (status = 200, body = Activity),
    ),
)]
pub(crate) async fn read(State(api): State<Arc<Api>>) -> Result<Response<Body>, Problem> {
    let entries = ask(&api, |reply| Question::Activity { reply }).await?;
    json(&Activity { entries })
}
