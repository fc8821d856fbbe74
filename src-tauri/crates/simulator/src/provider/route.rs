//! Which request goes where, and the faults that do not depend on what is asked.

use std::collections::HashMap;

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use url::form_urlencoded;

use crate::provider::answer::{self, Answer};
use crate::provider::state::Shared;
use crate::provider::{
    AnswerFault, Endpoint, Fault, REALM, Seen, authorize, discovery, end, page, token, user_info,
};

/// Marks an address that [`AnswerFault::Redirects`] sent the client to.
const REDIRECTED: &str = "redirected";

/// The pages' own addresses, after the issuer.
pub(super) const SIGN_IN: &str = "/simulated/sign-in";
pub(super) const STYLE: &str = "/simulated/style.css";

/// Query or form parameters; of repeated ones the last counts.
pub(super) type Parameters = HashMap<String, String>;

pub(super) async fn route(shared: &Shared, request: &Request<Bytes>) -> Answer {
    let Some(path) = request.uri().path().strip_prefix(REALM) else {
        return answer::empty_answer(StatusCode::NOT_FOUND);
    };
    if let Some(endpoint) = Endpoint::at(path) {
        return at_endpoint(shared, endpoint, request).await;
    }
    match (request.method(), path) {
        (&Method::POST, SIGN_IN) => authorize::sign_in(shared, &form(request)).await,
        (&Method::GET, STYLE) => answer::style_answer(page::STYLE_SHEET),
        _ => answer::empty_answer(StatusCode::NOT_FOUND),
    }
}

async fn at_endpoint(shared: &Shared, endpoint: Endpoint, request: &Request<Bytes>) -> Answer {
    let faults: Vec<AnswerFault> = shared
        .faults()
        .into_iter()
        .filter_map(|fault| match fault {
            Fault::Answer(at, fault) if at == endpoint => Some(fault),
            Fault::Answer(..)
            | Fault::Discovery(_)
            | Fault::Callback(_)
            | Fault::IdToken(_)
            | Fault::UserInfo(_) => None,
        })
        .collect();
    if faults.contains(&AnswerFault::Hangs) {
        std::future::pending::<()>().await;
    }
    if faults.contains(&AnswerFault::ServerError) {
        return answer::server_error();
    }
    if faults.contains(&AnswerFault::Redirects) {
        if !query(request).contains_key(REDIRECTED) {
            return elsewhere(shared, endpoint, request);
        }
        shared.record(Seen::RedirectFollowed { endpoint });
    }
    let answer = asked(shared, endpoint, request).await;
    faults.into_iter().fold(answer, answer::spoil)
}

async fn asked(shared: &Shared, endpoint: Endpoint, request: &Request<Bytes>) -> Answer {
    let wanted = match endpoint {
        Endpoint::Token | Endpoint::Revocation => Method::POST,
        Endpoint::Discovery
        | Endpoint::Jwks
        | Endpoint::Authorize
        | Endpoint::UserInfo
        | Endpoint::EndSession => Method::GET,
    };
    if request.method() != wanted {
        return answer::empty_answer(StatusCode::METHOD_NOT_ALLOWED);
    }
    match endpoint {
        Endpoint::Discovery => discovery::document(shared),
        Endpoint::Jwks => discovery::keys(shared),
        Endpoint::Authorize => authorize::authorize(shared, query(request)).await,
        Endpoint::Token => token::redeem(shared, &form(request)).await,
        Endpoint::UserInfo => user_info::user_info(shared, request.headers()).await,
        Endpoint::Revocation => end::revoke(shared, &form(request)),
        Endpoint::EndSession => end::end_session(shared, &query(request)),
    }
}

/// A redirect to the same endpoint that will answer: a client that follows it gets all it wants.
fn elsewhere(shared: &Shared, endpoint: Endpoint, request: &Request<Bytes>) -> Answer {
    let query = request.uri().query().unwrap_or_default();
    let location = format!("{}?{query}&{REDIRECTED}=1", shared.endpoint(endpoint));
    let status = match *request.method() {
        Method::GET => StatusCode::FOUND,
        _ => StatusCode::TEMPORARY_REDIRECT,
    };
    answer::redirect_answer(status, &location)
}

fn query(request: &Request<Bytes>) -> Parameters {
    parameters(request.uri().query().unwrap_or_default().as_bytes())
}

fn form(request: &Request<Bytes>) -> Parameters {
    parameters(request.body())
}

fn parameters(encoded: &[u8]) -> Parameters {
    form_urlencoded::parse(encoded).into_owned().collect()
}
