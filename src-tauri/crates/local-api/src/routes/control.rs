//! What programs ask for: sign in, sign out, "the user is busy", and the tray's own entries.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Response, StatusCode};
use cardea_session::{AttemptId, Command, LoginMode, Reply, Requester, SessionId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ask::ask;
use super::body::Nothing;
use super::{Api, body, json, json_as, no_content};
use crate::access::Grant;
use crate::problem::{Code, Problem};
use crate::{Caller, Request as Question};

/// How to sign in; at most one of the two.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct LoginRequest {
    /// The user who is signed in proves again who they are.
    reauthenticate: bool,
    /// The user who is signed in chooses another role.
    change_role: bool,
}

/// The login under way.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LoginStarted {
    attempt: AttemptId,
}

/// Which session to end.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct LogoutRequest {
    /// Only this one; absent for whichever there is.
    session_id: Option<SessionId>,
}

/// The address of the login under way.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LoginAddress {
    /// To be opened in a browser on this computer; absent when no login has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
}

/// Signs in, in the user's browser. Joins the login that is under way.
#[utoipa::path(
    post,
    path = "/v1/session/login",
    operation_id = "login",
    tag = "session",
    request_body = LoginRequest,
    responses(
        (status = 202, body = LoginStarted),
    ),
)]
pub(crate) async fn login(
    State(api): State<Arc<Api>>,
    Extension(grant): Extension<Arc<Grant>>,
    request: Request,
) -> Result<Response<Body>, Problem> {
    let asked: LoginRequest = body::json(request).await?;
    let mode = match (asked.reauthenticate, asked.change_role) {
        (false, false) => LoginMode::SignIn,
        (true, false) => LoginMode::Reauthenticate,
        (false, true) => LoginMode::ChangeRole,
        (true, true) => {
            let detail = "reauthenticate and change_role exclude each other.";
            return Err(Problem::from(Code::BadRequest).detail(detail));
        }
    };
    let by = requester(&grant);
    match carry_out(&api, &grant, Command::Login { mode, by }).await? {
        Reply::Attempt(attempt) => json_as(StatusCode::ACCEPTED, &LoginStarted { attempt }),
        Reply::Done | Reply::TokensOf(_) => Err(Code::InternalError.into()),
    }
}

/// Signs out. Gives up the login under way when nobody is signed in.
#[utoipa::path(
    post,
    path = "/v1/session/logout",
    operation_id = "logout",
    tag = "session",
    request_body = LogoutRequest,
    responses(
        (status = 204),
    ),
)]
pub(crate) async fn logout(
    State(api): State<Arc<Api>>,
    Extension(grant): Extension<Arc<Grant>>,
    request: Request,
) -> Result<Response<Body>, Problem> {
    let asked: LogoutRequest = body::json(request).await?;
    let command = Command::Logout {
        session: asked.session_id,
        by: requester(&grant),
    };
    carry_out(&api, &grant, command).await?;
    Ok(no_content())
}

/// Says that the user is busy in the calling program. Counts once in 30 s.
#[utoipa::path(
    post,
    path = "/v1/session/activity",
    operation_id = "activity",
    tag = "session",
    request_body = Nothing,
    responses(
        (status = 204),
    ),
)]
pub(crate) async fn activity(
    State(api): State<Arc<Api>>,
    Extension(grant): Extension<Arc<Grant>>,
    request: Request,
) -> Result<Response<Body>, Problem> {
    let Nothing {} = body::json(request).await?;
    // How long the operating system saw no input is the controller's to add.
    carry_out(&api, &grant, Command::Activity { os_idle: None }).await?;
    Ok(no_content())
}

/// Gives up the login under way. Local socket only, for Cardea's own programs.
#[utoipa::path(
    post,
    path = "/v1/session/login/cancel",
    operation_id = "cancelLogin",
    tag = "management",
    request_body = Nothing,
    responses(
        (status = 204),
    ),
)]
pub(crate) async fn cancel(
    State(api): State<Arc<Api>>,
    Extension(grant): Extension<Arc<Grant>>,
    request: Request,
) -> Result<Response<Body>, Problem> {
    let Nothing {} = body::json(request).await?;
    carry_out(&api, &grant, Command::CancelLogin).await?;
    Ok(no_content())
}

/// The address to copy when the browser did not open. Local socket only, for Cardea's own programs.
#[utoipa::path(
    get,
    path = "/v1/session/login/address",
    operation_id = "loginAddress",
    tag = "management",
    responses(
        (status = 200, body = LoginAddress),
    ),
)]
pub(crate) async fn address(State(api): State<Arc<Api>>) -> Result<Response<Body>, Problem> {
    let address = ask(&api, |reply| Question::LoginAddress { reply }).await?;
    json(&LoginAddress { address })
}

fn requester(grant: &Grant) -> Requester {
    match grant.caller() {
        Caller::App(_) => Requester::App,
        Caller::OwnProgram => Requester::User,
    }
}

async fn carry_out(api: &Api, grant: &Grant, command: Command) -> Result<Reply, Problem> {
    // The body may have taken its time.
    grant.still_holds()?;
    let caller = grant.caller();
    let question = |reply| Question::Command {
        command,
        caller,
        reply,
    };
    Ok(ask(api, question).await??)
}
