//! What the provider says of its own accord: its session is over (OpenID Connect Back-Channel
//! Logout 1.0, section 2.5). Whoever has the public address brings the token here.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Response;
use serde::{Deserialize, Serialize};
use url::form_urlencoded;
use utoipa::ToSchema;

use super::ask::ask_for;
use super::{Api, body, json};
use crate::problem::{Code, Problem};
use crate::{LogoutAnswer, LogoutToken, Request as Question};

/// The provider's discovery document and keys may have to be asked for, 15 seconds each.
const CHECK_LIMIT: Duration = Duration::from_secs(35);

/// The form that the provider sends; other fields are ignored.
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "describes the form, which is read field by field")]
pub(crate) struct LogoutForm {
    /// The signed token, as it came.
    logout_token: String,
}

/// Nothing more to say.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Heard {}

/// Hands in a logout token of CIS2, which ends the session it names. 200 also when that is not the
/// session here. Local socket only.
#[utoipa::path(
    post,
    path = "/v1/session/logout-token",
    operation_id = "logoutToken",
    tag = "session",
    request_body(content = LogoutForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, body = Heard),
    ),
)]
pub(crate) async fn hand_in(
    State(api): State<Arc<Api>>,
    request: Request,
) -> Result<Response<Body>, Problem> {
    let form = body::form(request).await?;
    let token = only_token(&form).ok_or(Code::LogoutTokenInvalid)?;
    let question = |reply| Question::LogoutToken { token, reply };
    match ask_for(CHECK_LIMIT, &api, question).await? {
        LogoutAnswer::Good => json(&Heard {}),
        LogoutAnswer::Refused => Err(Code::LogoutTokenInvalid.into()),
    }
}

fn only_token(form: &[u8]) -> Option<LogoutToken> {
    let mut tokens = form_urlencoded::parse(form).filter(|(name, _)| name == "logout_token");
    match (tokens.next(), tokens.next()) {
        (Some((_, token)), None) => Some(token.into_owned().into()),
        (None, _) | (Some(_), Some(_)) => None,
    }
}
