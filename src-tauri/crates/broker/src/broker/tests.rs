//! The broker's rules, request by request, with a provider that writes down what it is asked.

use std::convert::Infallible;
use std::fs;

use http::Response;
use http_body_util::Full;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;

use super::*;
use crate::assertion::tests::Workstation;
use crate::credential::Credential;

mod certificates;
mod desk;
mod limits;
mod messages;
mod proofs;
mod provider;
mod unclaimed;
mod workstation;

use certificates::Certificates;
use desk::Desk;
use provider::Asked;

/// No test waits so long.
const LIMIT: Duration = Duration::from_secs(20);
const NOW: i64 = 1_760_000_000;
const PUBLIC: &str = "https://broker.example/cardea";
const TOKENS: &str = r#"{"access_token": "AT",  "id_token":"a.b.c","token_type":"Bearer"}"#;
const FORM: &str = "code=C&redirect_uri=http%3A%2F%2Flocalhost%3A28117%2Fcallback&code_verifier=V";

/// Status, body as JSON, and the answer.
async fn told(answer: Answer) -> (u16, Value, Answer) {
    let (head, body) = answer.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let json = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let status = head.status.as_u16();
    (status, json, Response::from_parts(head, Full::new(body)))
}

async fn text_of(answer: Answer) -> String {
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(body.to_vec()).unwrap()
}
