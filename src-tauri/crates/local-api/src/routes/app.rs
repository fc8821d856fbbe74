//! `GET /v1/app`: what the calling program is to the agent.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use cardea_session::ScopeSet;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Api, json, no_content};
use crate::access::Grant;
use crate::problem::{Code, Problem};

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

/// The calling program gives up its place: its token is good for nothing from now on, and its
/// streams are cut. Only for programs that were let in by pairing or by hand.
#[utoipa::path(
    delete,
    path = "/v1/app",
    operation_id = "leave",
    tag = "programs",
    responses(
        (status = 204),
    ),
)]
pub(crate) async fn leave(
    State(api): State<Arc<Api>>,
    Extension(grant): Extension<Arc<Grant>>,
) -> Result<Response<Body>, Problem> {
    if grant.app.is_none() {
        return Err(Code::AppManaged.into());
    }
    api.reception.revoke(&grant.id).await?;
    Ok(no_content())
}
