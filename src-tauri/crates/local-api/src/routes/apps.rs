//! `/v1/apps`: the programs that may call. For Cardea's own programs.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Response, StatusCode};
use cardea_session::ScopeSet;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Api, body, json, json_as, no_content};
use crate::access::is_web_origin;
use crate::is_app_id;
use crate::pairing::ClaimedName;
use crate::problem::{Code, Problem};
use crate::reception::{AppListing, NewApp, grantable};

/// Origins of one program.
const MOST_ORIGINS: usize = 16;

/// The programs that may call.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AppListings {
    apps: Vec<AppListing>,
}

/// A program to be let in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AppRequest {
    /// 1 to 64 letters, digits or any of `-._`.
    id: String,
    /// What a person calls it; its id when absent.
    name: Option<String>,
    /// What it may do; never `tokens:read`, which is for policy to give.
    scopes: ScopeSet,
    /// The web origins it calls from; empty for a program that is no web page.
    #[serde(default)]
    origins: Vec<String>,
}

/// A program that was let in.
#[derive(Serialize, ToSchema)]
pub(crate) struct AddedApp<'a> {
    id: &'a str,
    /// The program's token. It is told once and kept nowhere else.
    token: &'a str,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhichApp {
    /// The program's id.
    id: String,
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
    let apps = api.reception.listings().await;
    json(&AppListings { apps })
}

/// Lets a program in. Local socket only, for Cardea's own programs.
#[utoipa::path(
    post,
    path = "/v1/apps",
    operation_id = "addApp",
    tag = "management",
    request_body = AppRequest,
    responses(
        (status = 201, body = AddedApp),
    ),
)]
pub(crate) async fn add(
    State(api): State<Arc<Api>>,
    request: Request,
) -> Result<Response<Body>, Problem> {
    let asked: AppRequest = body::json(request).await?;
    let new = checked(asked).map_err(|why| Problem::from(Code::BadRequest).detail(why))?;
    let let_in = api.reception.add(new).await?;
    let added = AddedApp {
        id: &let_in.app.id,
        token: &let_in.token,
    };
    json_as(StatusCode::CREATED, &added)
}

/// Shows a program out: its token is good for nothing from now on, and its streams are cut. Local
/// socket only, for Cardea's own programs.
#[utoipa::path(
    delete,
    path = "/v1/apps",
    operation_id = "revokeApp",
    tag = "management",
    params(WhichApp),
    responses(
        (status = 204),
    ),
)]
pub(crate) async fn revoke(
    State(api): State<Arc<Api>>,
    request: Request,
) -> Result<Response<Body>, Problem> {
    let which: WhichApp = body::query(request.uri())?;
    api.reception.revoke(&which.id).await?;
    Ok(no_content())
}

fn checked(asked: AppRequest) -> Result<NewApp, String> {
    let AppRequest {
        id,
        name,
        scopes,
        origins,
    } = asked;
    if !is_app_id(&id) {
        return Err("id must be 1 to 64 letters, digits or any of -._".to_owned());
    }
    let name = name.unwrap_or_else(|| id.chars().take(40).collect());
    let name = ClaimedName::try_from(name).map_err(|error| format!("{error}."))?;
    grantable(&scopes)?;
    if origins.len() > MOST_ORIGINS || !origins.iter().all(|origin| is_web_origin(origin)) {
        return Err(format!(
            "origins must be at most {MOST_ORIGINS} of the form https://clinic.example or \
             https://clinic.example:8443, as a browser writes them."
        ));
    }
    Ok(NewApp {
        id,
        name,
        scopes,
        origins,
    })
}
