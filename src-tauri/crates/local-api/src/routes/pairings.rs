//! `/v1/pairings`: programs ask to be let in, the user answers.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, Response, StatusCode, header};
use cardea_session::ScopeSet;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Nothing;
use super::{Api, body, json, json_as, no_content};
use crate::pairing::{Applicant, ClaimedName, Wanted};
use crate::problem::{Code, Problem};
use crate::reception::{Claimed, PairingListing, grantable};
use crate::server::Link;

/// When a program that waits for the user may ask again, in seconds.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("2");

/// A program that asks to be let in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PairingRequest {
    /// What it calls itself; the user also sees where the request came from.
    name: String,
    /// What it wants to do; never `tokens:read`, which is for policy to give.
    scopes: ScopeSet,
}

/// A pairing under way.
#[derive(Serialize, ToSchema)]
pub(crate) struct PairingStarted<'a> {
    id: &'a str,
    /// Six digits that the program shows and the user types into Cardea within two minutes.
    code: &'a str,
    /// What the program fetches its token by; known to nobody else.
    claim_secret: &'a str,
}

/// What a program fetches its token by.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PairingClaim {
    claim_secret: String,
}

/// The program is let in.
#[derive(Serialize, ToSchema)]
pub(crate) struct PairedApp<'a> {
    /// The program's id, by which it asks for the proof (`/v1/health`).
    app: &'a str,
    name: &'a str,
    scopes: &'a ScopeSet,
    /// The program's token. It is told once and kept nowhere else.
    token: &'a str,
}

/// The user has not answered yet.
#[derive(Serialize, ToSchema)]
pub(crate) struct PairingWaits {
    /// `waiting`.
    status: &'static str,
}

/// The pairings that wait for the user.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PairingListings {
    pairings: Vec<PairingListing>,
}

/// What the user types.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PairingApproval {
    /// The code that the program shows; spaces and hyphens do not count.
    code: String,
}

/// Asks to be let in. One at a time and three in ten minutes for each web origin or program, three
/// waiting in all.
#[utoipa::path(
    post,
    path = "/v1/pairings",
    operation_id = "askToPair",
    tag = "programs",
    request_body = PairingRequest,
    responses(
        (status = 201, body = PairingStarted),
    ),
)]
pub(crate) async fn ask(
    State(api): State<Arc<Api>>,
    Extension(link): Extension<Arc<Link>>,
    request: Request,
) -> Result<Response<Body>, Problem> {
    let origin = request.headers().get(header::ORIGIN).cloned();
    let asked: PairingRequest = body::json(request).await?;
    let bad = |detail: String| Problem::from(Code::BadRequest).detail(detail);
    let name = ClaimedName::try_from(asked.name).map_err(|error| bad(format!("{error}.")))?;
    grantable(&asked.scopes).map_err(|why| bad(why.to_owned()))?;
    let applicant = match origin {
        Some(origin) => Applicant {
            origin: origin.to_str().ok().map(str::to_owned),
            ..Applicant::default()
        },
        None => link.applicant().await,
    };
    let wanted = Wanted {
        applicant,
        name,
        scopes: asked.scopes,
    };
    let asked = api.reception.ask(wanted).await?;
    let started = PairingStarted {
        id: &asked.id,
        code: &asked.code,
        claim_secret: &asked.claim_secret,
    };
    json_as(StatusCode::CREATED, &started)
}

/// Fetches the token once the user has typed the code. A second time takes the token back: two have
/// the secret then.
#[utoipa::path(
    post,
    path = "/v1/pairings/{id}/token",
    operation_id = "claimToken",
    tag = "programs",
    params(("id" = String, Path)),
    request_body = PairingClaim,
    responses(
        (status = 200, body = PairedApp),
        (status = 202, body = PairingWaits, description = "The user has not answered yet; ask again after Retry-After."),
    ),
)]
pub(crate) async fn claim(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response<Body>, Problem> {
    let claim: PairingClaim = body::json(request).await?;
    match api.reception.claim(&id, &claim.claim_secret).await? {
        Claimed::Waiting => {
            let waits = PairingWaits { status: "waiting" };
            let mut response = json_as(StatusCode::ACCEPTED, &waits)?;
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, ASK_AGAIN);
            Ok(response)
        }
        Claimed::LetIn(let_in) => json(&PairedApp {
            app: &let_in.app.id,
            name: let_in.app.name.as_str(),
            scopes: &let_in.app.scopes,
            token: &let_in.token,
        }),
    }
}

/// The pairings that wait for the user. Local socket only, for Cardea's own programs.
#[utoipa::path(
    get,
    path = "/v1/pairings",
    operation_id = "pairings",
    tag = "management",
    responses(
        (status = 200, body = PairingListings),
    ),
)]
pub(crate) async fn list(State(api): State<Arc<Api>>) -> Result<Response<Body>, Problem> {
    let pairings = api.reception.waiting().await;
    json(&PairingListings { pairings })
}

/// Lets the program in whose code this is. Five wrong codes end the pairing. Local socket only, for
/// Cardea's own programs.
#[utoipa::path(
    post,
    path = "/v1/pairings/{id}/approve",
    operation_id = "approvePairing",
    tag = "management",
    params(("id" = String, Path)),
    request_body = PairingApproval,
    responses(
        (status = 204),
    ),
)]
pub(crate) async fn approve(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response<Body>, Problem> {
    let approval: PairingApproval = body::json(request).await?;
    api.reception.approve(&id, &approval.code).await?;
    Ok(no_content())
}

/// Does not let the program in. Local socket only, for Cardea's own programs.
#[utoipa::path(
    post,
    path = "/v1/pairings/{id}/decline",
    operation_id = "declinePairing",
    tag = "management",
    params(("id" = String, Path)),
    request_body = Nothing,
    responses(
        (status = 204),
    ),
)]
pub(crate) async fn decline(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response<Body>, Problem> {
    let Nothing {} = body::json(request).await?;
    api.reception.decline(&id).await?;
    Ok(no_content())
}
