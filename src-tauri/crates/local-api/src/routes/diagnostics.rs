//! `GET /v1/diagnostics`: what the help desk wants to know, without who is signed in.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use cardea_session::Boot;
use serde::Serialize;
use utoipa::ToSchema;

use super::ask::ask;
use super::{Api, json};
use crate::problem::Problem;
use crate::{Diagnostics, RemovalLatency, Request as Question};

/// What the help desk wants to know.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DiagnosticsReport<'a> {
    /// The agent's version.
    version: &'a str,
    boot: &'a Boot,
    /// Absent when no card has left in this run.
    #[serde(skip_serializing_if = "Option::is_none")]
    removal_latency: Option<RemovalLatency>,
    /// Calls in this run that were refused because the operating system did not say whose they were.
    unknown_callers: u64,
    #[serde(flatten)]
    more: &'a Diagnostics,
}

/// Readers, PC/SC, how fast the last removals were told, and the effective settings.
#[utoipa::path(
    get,
    path = "/v1/diagnostics",
    operation_id = "diagnostics",
    tag = "diagnostics",
    responses(
        (status = 200, body = DiagnosticsReport),
    ),
)]
pub(crate) async fn read(State(api): State<Arc<Api>>) -> Result<Response<Body>, Problem> {
    let more = ask(&api, |reply| Question::Diagnostics { reply }).await?;
    json(&DiagnosticsReport {
        version: env!("CARGO_PKG_VERSION"),
        boot: api.feed.boot(),
        removal_latency: RemovalLatency::of(&more.removals),
        unknown_callers: api.ownerless_calls.all(),
        more: &more,
    })
}
