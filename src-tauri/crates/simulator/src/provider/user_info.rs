//! UserInfo (OpenID Connect Core, section 5.3; cis2.md 3.9).

use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};

use crate::provider::answer::{self, Answer};
use crate::provider::state::{Grant, Shared};
use crate::provider::{Endpoint, Fault, Seen, Step, UserInfoFault};

pub(super) async fn user_info(shared: &Shared, headers: &HeaderMap) -> Answer {
    let Some((grant, found)) = bearer(headers).and_then(|token| granted(shared, token)) else {
        let error = "invalid_token";
        shared.record(Seen::Refused {
            endpoint: Endpoint::UserInfo,
            error: error.into(),
            why: "no access token, or none that is good".into(),
        });
        let told = "The access token provided is expired, revoked, malformed, or invalid.";
        return answer::error_answer(StatusCode::UNAUTHORIZED, error, told);
    };
    let mut claims = found.person.user_info(&found.scopes);
    for fault in shared.faults() {
        let Fault::UserInfo(fault) = fault else {
            continue;
        };
        match fault {
            UserInfoFault::SubjectDiffers => claims.insert("sub".into(), json!("555000000999")),
            UserInfoFault::Without(name) => claims.remove(&name),
            UserInfoFault::With(name, value) => claims.insert(name, value),
        };
    }
    shared.record(Seen::UserInfo { grant });
    shared.holds.pass(Step::UserInfo).await;
    answer::json_answer(StatusCode::OK, &Value::Object(claims))
}

fn granted(shared: &Shared, token: &str) -> Option<(usize, Grant)> {
    let state = shared.lock();
    let grant = state
        .grants
        .iter()
        .position(|grant| grant.access_token == token && !grant.revoked)?;
    Some((grant, state.grants.get(grant)?.clone()))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    value.strip_prefix("Bearer ")
}
