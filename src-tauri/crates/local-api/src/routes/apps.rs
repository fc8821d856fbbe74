//! `GET /v1/apps`: the programs that may call. For Cardea's own programs.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use cardea_session::ScopeSet;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Api, json};
use crate::AppSource;
use crate::access::Grant;
use crate::problem::Problem;

/// The programs that may call.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AppListings<'a> {
    apps: Vec<AppListing<'a>>,
}

/// One of them; never its token, nor the token's hash.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AppListing<'a> {
    id: &'a str,
    name: &'a str,
    scopes: &'a ScopeSet,
    /// The web origins it calls from; empty for a program that is no web page.
    origins: &'a [String],
    source: AppSource,
}

/// The programs that may call. Local socket only, for Cardea's own programs.
#[utoipa::path(
    get,
    path = "/v1/apps",
    operation_id = "apps",
    tag = "management",
    responses(
        (status = 200, body = AppListings),
    ),
)]
pub(crate) async fn list(State(api): State<Arc<Api>>) -> Result<Response<Body>, Problem> {
    let register = api.apps.now();
    let apps = register
        .grants()
        .iter()
        .filter_map(|grant| listing(grant))
        .collect();
    json(&AppListings { apps })
}

fn listing(grant: &Grant) -> Option<AppListing<'_>> {
    let (source, _) = grant.app?;
    Some(AppListing {
        id: &grant.id,
        name: &grant.name,
        scopes: &grant.scopes,
        origins: &grant.origins,
        source,
    })
}
