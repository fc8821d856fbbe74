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
use crate::{Diagnostics, Removal, Request as Question};

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

/// How long it took until programs could hear that a card left.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct RemovalLatency {
    /// Of so many removals.
    count: usize,
    /// The median, in microseconds.
    p50_us: u64,
    /// 99 of 100 took no longer, in microseconds.
    p99_us: u64,
}

impl RemovalLatency {
    fn of(removals: &[Removal]) -> Option<Self> {
        let mut times: Vec<_> = removals.iter().map(|one| one.published_after_us).collect();
        times.sort_unstable();
        let at = |percent: usize| times.get((times.len() * percent).div_ceil(100).max(1) - 1);
        Some(Self {
            count: times.len(),
            p50_us: *at(50)?,
            p99_us: *at(99)?,
        })
    }
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

#[cfg(test)]
mod tests {
    use cardea_session::Time;

    use super::*;

    fn removals(times: impl IntoIterator<Item = u64>) -> Vec<Removal> {
        let removal = |published_after_us| Removal {
            at: Time::from_unix(0).unwrap(),
            reader: "A".to_owned(),
            published_after_us,
        };
        times.into_iter().map(removal).collect()
    }

    #[test]
    fn latencies_are_those_of_the_last_removals() {
        assert_eq!(RemovalLatency::of(&[]), None);
        let one = RemovalLatency::of(&removals([7])).unwrap();
        assert_eq!((one.count, one.p50_us, one.p99_us), (1, 7, 7));
        let many = RemovalLatency::of(&removals((1..=200).rev())).unwrap();
        assert_eq!((many.count, many.p50_us, many.p99_us), (200, 100, 198));
    }
}
