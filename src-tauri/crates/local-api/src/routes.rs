//! The routes, and what each asks of its caller (contract, section 4.2).

pub(crate) mod app;
pub(crate) mod apps;
mod body;
pub(crate) mod control;
pub(crate) mod document;
pub(crate) mod events;
pub(crate) mod health;
pub(crate) mod logout_token;
pub(crate) mod session;
pub(crate) mod tokens;

use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Request, Response, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{MethodRouter, get, post};
use bytes::Bytes;
use cardea_session::Scope;
use hyper::body::Incoming;
use serde::Serialize;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tower::Service;

use crate::access::Access;
use crate::problem::{Code, Problem};
use crate::{Apps, Feed, Request as Question};

const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// What these answers say may be personal, and is old at the next change.
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// What the routes work with.
#[derive(Clone, Debug)]
pub(crate) struct Api {
    pub(crate) feed: Feed,
    pub(crate) controller: mpsc::Sender<Question>,
    pub(crate) apps: Apps,
    pub(crate) stop: CancellationToken,
    pub(crate) port: Option<u16>,
}

/// Every route. Whoever adds one says here who may call it.
pub(crate) fn table() -> Table {
    const READ: Access = Access::Scope(Scope::SessionRead);
    const CONTROL: Access = Access::Scope(Scope::SessionControl);
    const ACTIVITY: Access = Access::Scope(Scope::SessionActivity);
    Table::default()
        .route("/v1/health", Access::Anyone, get(health::read))
        .route("/v1/openapi.json", Access::Program, get(document::read))
        .route("/v1/app", Access::Program, get(app::read))
        .route("/v1/session", READ, get(session::read))
        .route("/v1/events", READ, get(events::stream))
        .route("/v1/session/login", CONTROL, post(control::login))
        .route("/v1/session/logout", CONTROL, post(control::logout))
        .route("/v1/session/activity", ACTIVITY, post(control::activity))
        .route(
            "/v1/session/tokens",
            Access::Scope(Scope::TokensRead),
            get(tokens::read),
        )
        .route(
            "/v1/session/logout-token",
            Access::SocketScope(Scope::SessionControl),
            post(logout_token::hand_in),
        )
        .route(
            "/v1/session/login/cancel",
            Access::OwnPrograms,
            post(control::cancel),
        )
        .route(
            "/v1/session/login/address",
            Access::OwnPrograms,
            get(control::address),
        )
        .route("/v1/apps", Access::OwnPrograms, get(apps::list))
}

/// The routes before they have anything to work with.
#[derive(Default)]
pub(crate) struct Table {
    router: Router<Arc<Api>>,
    access: Vec<(&'static str, Access)>,
}

impl Table {
    fn route(
        mut self,
        path: &'static str,
        access: Access,
        methods: MethodRouter<Arc<Api>>,
    ) -> Self {
        self.access.push((path, access));
        let methods = methods.fallback(wrong_method);
        Self {
            router: self.router.route(path, methods),
            ..self
        }
    }

    /// Each path and what it asks of its caller.
    pub(crate) fn access(&self) -> impl Iterator<Item = (&'static str, Access)> {
        self.access.iter().copied()
    }

    pub(crate) fn work_with(self, api: Api) -> Routes {
        Routes {
            router: self.router.fallback(not_found).with_state(Arc::new(api)),
            access: self.access.into(),
        }
    }
}

/// The routes, ready to be called.
#[derive(Clone, Debug)]
pub(crate) struct Routes {
    router: Router,
    access: Arc<[(&'static str, Access)]>,
}

impl Routes {
    /// What `path` asks of its caller. Only programs are told that there is no such route.
    pub(crate) fn access(&self, path: &str) -> Access {
        let known = self.access.iter().find(|(route, _)| *route == path);
        known.map_or(Access::Program, |(_, access)| *access)
    }

    pub(crate) async fn call(&mut self, request: Request<Incoming>) -> Response<Body> {
        let answer: Result<_, Infallible> = self.router.call(request).await;
        answer.into_response()
    }
}

async fn not_found() -> Problem {
    Code::NotFound.into()
}

async fn wrong_method() -> Problem {
    Problem::from(Code::BadRequest)
        .status(StatusCode::METHOD_NOT_ALLOWED)
        .detail("The route does not know this method.")
}

/// An answer of ready JSON.
fn json_bytes(body: Bytes) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, JSON);
    headers.insert(header::CACHE_CONTROL, NO_STORE);
    response
}

fn json(body: &impl Serialize) -> Result<Response<Body>, Problem> {
    let body = serde_json::to_vec(body).map_err(|error| {
        tracing::error!(%error, "cannot write an answer");
        Problem::from(Code::InternalError)
    })?;
    Ok(json_bytes(body.into()))
}

fn no_content() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}
