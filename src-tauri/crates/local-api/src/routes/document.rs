//! `GET /v1/openapi.json`: this API, described.

use std::sync::LazyLock;

use axum::body::Body;
use axum::http::Response;
use bytes::Bytes;

use super::json_bytes;

/// This document.
#[utoipa::path(
    get,
    path = "/v1/openapi.json",
    operation_id = "openapi",
    tag = "programs",
    responses(
        (status = 200, description = "OpenAPI 3.1"),
    ),
)]
pub(crate) async fn read() -> Response<Body> {
    static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| crate::openapi_json().into());
    json_bytes(DOCUMENT.clone())
}
