//! `GET /v1/session/tokens`: what a program shows its own server, to prove who is signed in.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use cardea_session::SessionId;
use serde::Serialize;
use utoipa::ToSchema;

use super::ask::ask;
use super::{Api, json};
use crate::Request as Question;
use crate::access::Grant;
use crate::problem::Problem;

/// The tokens of the session. Whoever holds the ID token can show it as their own until it expires:
/// it belongs in memory only, and on the way to a server that verifies it.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionTokens<'a> {
    session_id: &'a SessionId,
    /// The ID token as CIS2 signed it (OpenID Connect Core, section 2).
    id_token: &'a str,
    /// The ID token's `exp`, in seconds since 1970-01-01T00:00:00Z.
    exp: i64,
    /// CIS2's name for its own session; absent when it gave none.
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<&'a str>,
    /// The ID token's `aud`.
    client_id: &'a str,
    /// The ID token's `iss`, to be compared byte for byte.
    issuer: &'a str,
    /// Only with `[api] release_access_token`.
    #[serde(skip_serializing_if = "Option::is_none")]
    access_token: Option<&'a str>,
}

/// The tokens of the session, for programs that policy or the machine's settings file gave
/// `tokens:read`. Each release is audited.
#[utoipa::path(
    get,
    path = "/v1/session/tokens",
    operation_id = "tokens",
    tag = "session",
    responses(
        (status = 200, body = SessionTokens),
    ),
)]
pub(crate) async fn read(
    State(api): State<Arc<Api>>,
    Extension(grant): Extension<Arc<Grant>>,
) -> Result<Response<Body>, Problem> {
    let caller = grant.caller();
    let released = ask(&api, |reply| Question::Tokens { caller, reply }).await??;
    json(&SessionTokens {
        session_id: &released.session_id,
        id_token: &released.id_token,
        exp: released.exp,
        sid: released.sid.as_deref(),
        client_id: &released.client_id,
        issuer: &released.issuer,
        access_token: released.access_token.as_ref().map(|token| token.as_str()),
    })
}
