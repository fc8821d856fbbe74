//! `GET /v1/health`: is it there, and is it this user's agent.

use std::sync::Arc;

use aws_lc_rs::hmac;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Response, Uri, header};
use axum::response::IntoResponse;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cardea_session::Boot;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;
use utoipa::ToSchema;

use super::{Api, body, json};
use crate::TokenHash;
use crate::access::Refused;
use crate::problem::{Code, Problem};

const MAX_NONCE: usize = 128;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Challenge {
    /// The id of the program that asks for a proof.
    app: Option<String>,
    /// 1 to 128 letters, digits or any of `-._~`, drawn at random by the program.
    nonce: Option<String>,
}

/// The answer to a greeting.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health<'a> {
    /// `ok`.
    status: &'a str,
    /// This run of the agent; only with `app` and `nonce`.
    #[serde(skip_serializing_if = "Option::is_none")]
    boot: Option<&'a Boot>,
    /// HMAC-SHA256 of `nonce|boot|port` in base64url, keyed with the SHA-256 of the program's
    /// token; only with `nonce` and the `app` of a known program. Who cannot give it is not this
    /// user's agent and must not get the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    proof: Option<String>,
}

/// Whether the agent is there, and the proof that it is.
#[utoipa::path(
    get,
    path = "/v1/health",
    operation_id = "health",
    tag = "programs",
    params(Challenge), security(()),
    responses(
        (status = 200, body = Health),
        (status = 403, description = "Not for this caller; without a body."),
    ),
)]
pub(crate) async fn read(
    State(api): State<Arc<Api>>,
    uri: Uri,
    headers: HeaderMap,
) -> Response<Body> {
    match answer(&api, &uri, &headers) {
        Ok(response) => response,
        Err(refused) => refused.into_response(),
    }
}

fn answer(api: &Api, uri: &Uri, headers: &HeaderMap) -> Result<Response<Body>, Refused> {
    let challenge: Challenge = body::query(uri)?;
    let mut health = Health {
        status: "ok",
        boot: None,
        proof: None,
    };
    if let (Some(app), Some(nonce)) = (challenge.app, challenge.nonce) {
        if !is_nonce(&nonce) {
            let detail = "nonce must be 1 to 128 letters, digits or any of -._~";
            return Err(Problem::from(Code::BadRequest).detail(detail).into());
        }
        health.boot = Some(api.feed.boot());
        let register = api.apps.now();
        if let Some(grant) = register.by_id(&app) {
            if !grant.fits(headers.get(header::ORIGIN)) {
                return Err(Refused::Forbidden);
            }
            health.proof = grant
                .app
                .map(|(_, key)| proof(&key, &nonce, api.feed.boot(), api.port.unwrap_or(0)));
        }
    }
    Ok(json(&health)?)
}

fn is_nonce(nonce: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    (1..=MAX_NONCE).contains(&nonce.len()) && nonce.bytes().all(is_plain)
}

/// Whether somebody proved to know the program with this token.
pub(crate) fn is_proof(
    shown: &str,
    token_sha256: &TokenHash,
    nonce: &str,
    boot: &Boot,
    port: u16,
) -> bool {
    let expected = proof(token_sha256, nonce, boot, port);
    shown.as_bytes().ct_eq(expected.as_bytes()).into()
}

fn proof(token_sha256: &TokenHash, nonce: &str, boot: &Boot, port: u16) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, token_sha256.bytes());
    let tag = hmac::sign(&key, format!("{nonce}|{boot}|{port}").as_bytes());
    URL_SAFE_NO_PAD.encode(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proof_is_the_one_that_others_compute() {
        let token = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
        let key = TokenHash::of(token);
        // printf 'nonce-1|boot-1|28080' | openssl dgst -sha256 -mac HMAC \
        //     -macopt hexkey:$(printf %s TOKEN | sha256sum | cut -c-64) -binary | basenc --base64url
        let expected = "NDHjItIfcpDszWiwqK0VOnevVccgxtiAhaRo75olKEg";
        assert_eq!(
            proof(&key, "nonce-1", &Boot::new("boot-1"), 28080),
            expected
        );
    }

    #[test]
    fn a_nonce_cannot_move_the_borders_of_what_is_proven() {
        assert!(is_nonce("A-b._~9"));
        for bad in ["", "a|b", "a b", "ä", &"a".repeat(129)] {
            assert!(!is_nonce(bad), "{bad}");
        }
    }
}
