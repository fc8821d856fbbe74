//! `GET /v1/app`: what the calling program is to the agent.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::http::Response;
use cardea_session::ScopeSet;
use serde::Serialize;
use utoipa::ToSchema;

use super::json;
use crate::access::Grant;
use crate::problem::Problem;

/// What this agent can do beyond the first version of the API.
const FEATURES: [&str; 0] = [];

/// The calling program.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AppInfo<'a> {
    id: &'a str,
    name: &'a str,
    scopes: &'a ScopeSet,
    /// The agent's version.
    version: &'a str,
    /// What this agent can do beyond the first version of the API.
    features: &'a [&'a str],
}

/// What the calling program may do, and what the agent can do.
#[utoipa::path(
    get,
    path = "/v1/app",
    operation_id = "app",
    tag = "programs",
    responses(
        (status = 200, body = AppInfo),
    ),
)]
pub(crate) async fn read(
    Extension(grant): Extension<Arc<Grant>>,
) -> Result<Response<Body>, Problem> {
    json(&AppInfo {
        id: &grant.id,
        name: &grant.name,
        scopes: &grant.scopes,
        version: env!("CARGO_PKG_VERSION"),
        features: &FEATURES,
    })
}
