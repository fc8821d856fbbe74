//! The routes, and what each asks of its caller (contract, section 4.2).

pub(crate) mod activity;
pub(crate) mod agent;
pub(crate) mod app;
pub(crate) mod apps;
mod ask;
mod body;
pub(crate) mod control;
pub(crate) mod diagnostics;
pub(crate) mod doctor;
pub(crate) mod document;
pub(crate) mod events;
pub(crate) mod health;
pub(crate) mod logout_token;
pub(crate) mod pairings;
pub(crate) mod session;
pub(crate) mod tokens;
pub(crate) mod web_socket;
pub(crate) mod window;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Method, Request, Response, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{MethodRouter, delete, get, post};
use bytes::Bytes;
use cardea_session::Scope;
use hyper::body::Incoming;
use serde::Serialize;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tower::Service;

use crate::access::Access;
use crate::limits::Seldom;
use crate::problem::{Code, Problem};
use crate::reception::Reception;
use crate::{Apps, Feed, Request as Question};

pub(crate) use health::is_proof;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// What these answers say may be personal, and is old at the next change.
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// What the routes work with.
#[derive(Clone, Debug)]
pub(crate) struct Api {
    pub(crate) feed: Feed,
    pub(crate) controller: mpsc::Sender<Question>,
    pub(crate) apps: Apps,
    pub(crate) reception: Reception,
    /// Calls whose user is not known.
    pub(crate) ownerless_calls: Seldom,
    pub(crate) stop: CancellationToken,
    pub(crate) port: Option<u16>,
}

/// Every route. Whoever adds one says here who may call it.
pub(crate) fn table() -> Table {
    const READ: Access = Access::Scope(Scope::SessionRead);
    const WEB_SOCKET: Access = Access::WebSocketScope(Scope::SessionRead);
    const CONTROL: Access = Access::Scope(Scope::SessionControl);
    const ACTIVITY: Access = Access::Scope(Scope::SessionActivity);
    const DIAGNOSTICS: Access = Access::Scope(Scope::DiagnosticsRead);
    const TOKENS: Access = Access::Scope(Scope::TokensRead);
    const HAND_IN: Access = Access::SocketScope(Scope::SessionControl);
    const OWN: Access = Access::OwnPrograms;
    Table::default()
        .get("/v1/health", Access::Anyone, get(health::read))
        .get("/v1/openapi.json", Access::Program, get(document::read))
        .get("/v1/app", Access::Program, get(app::read))
        .delete("/v1/app", Access::Program, delete(app::leave))
        .get("/v1/session", READ, get(session::read))
        .get("/v1/events", READ, get(events::stream))
        .get("/v1/events/ws", WEB_SOCKET, get(web_socket::open))
        .post("/v1/session/login", CONTROL, post(control::login))
        .post("/v1/session/logout", CONTROL, post(control::logout))
        .post("/v1/session/activity", ACTIVITY, post(control::activity))
        .get("/v1/session/tokens", TOKENS, get(tokens::read))
        .post(
            "/v1/session/logout-token",
            HAND_IN,
            post(logout_token::hand_in),
        )
        .post("/v1/window", CONTROL, post(window::open))
        .get("/v1/diagnostics", DIAGNOSTICS, get(diagnostics::read))
        .post("/v1/pairings", Access::Pairing, post(pairings::ask))
        .post(
            "/v1/pairings/{id}/token",
            Access::Pairing,
            post(pairings::claim),
        )
        .get("/v1/pairings", OWN, get(pairings::list))
        .post("/v1/pairings/{id}/approve", OWN, post(pairings::approve))
        .post("/v1/pairings/{id}/decline", OWN, post(pairings::decline))
        .get("/v1/activity", OWN, get(activity::read))
        .post("/v1/doctor", OWN, post(doctor::examine))
        .get("/v1/apps", OWN, get(apps::list))
        .post("/v1/apps", OWN, post(apps::add))
        .delete("/v1/apps", OWN, delete(apps::revoke))
        .post("/v1/session/login/cancel", OWN, post(control::cancel))
        .get("/v1/session/login/address", OWN, get(control::address))
        .post("/v1/agent/stop", OWN, post(agent::stop))
}

/// The routes before they have anything to work with.
#[derive(Default)]
pub(crate) struct Table {
    methods: BTreeMap<&'static str, MethodRouter<Arc<Api>>>,
    access: Vec<Rule>,
}

/// Who may call a route.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    pub(crate) path: &'static str,
    pub(crate) method: &'static Method,
    pub(crate) access: Access,
}

impl Table {
    fn get(self, path: &'static str, access: Access, methods: MethodRouter<Arc<Api>>) -> Self {
        self.route(path, &Method::GET, access, methods)
    }

    fn post(self, path: &'static str, access: Access, methods: MethodRouter<Arc<Api>>) -> Self {
        self.route(path, &Method::POST, access, methods)
    }

    fn delete(self, path: &'static str, access: Access, methods: MethodRouter<Arc<Api>>) -> Self {
        self.route(path, &Method::DELETE, access, methods)
    }

    fn route(
        mut self,
        path: &'static str,
        method: &'static Method,
        access: Access,
        methods: MethodRouter<Arc<Api>>,
    ) -> Self {
        self.access.push(Rule {
            path,
            method,
            access,
        });
        let before = self.methods.remove(path).unwrap_or_default();
        self.methods.insert(path, before.merge(methods));
        self
    }

    /// Each route and what it asks of its caller.
    pub(crate) fn access(&self) -> impl Iterator<Item = Rule> {
        self.access.iter().copied()
    }

    pub(crate) fn work_with(self, api: Api) -> Routes {
        let routes = self.methods.into_iter();
        let router = routes.fold(Router::new(), |router, (path, methods)| {
            router.route(path, methods)
        });
        Routes {
            router: router.with_state(Arc::new(api)),
            access: self.access.into(),
        }
    }
}

/// The routes, ready to be called.
#[derive(Clone, Debug)]
pub(crate) struct Routes {
    router: Router,
    access: Arc<[Rule]>,
}

impl Routes {
    /// Where a request goes; a preflight goes where what comes after it does.
    pub(crate) fn find<B>(&self, request: &Request<B>) -> Destination {
        let announced = request.headers().get(header::ACCESS_CONTROL_REQUEST_METHOD);
        let method = match announced {
            Some(announced) if request.method() == Method::OPTIONS => announced.as_bytes(),
            Some(_) | None => request.method().as_str().as_bytes(),
        };
        let path = request.uri().path();
        let mut rules = self
            .access
            .iter()
            .filter(|rule| is_at(rule.path, path))
            .peekable();
        if rules.peek().is_none() {
            return Destination::Nowhere;
        }
        match rules.find(|rule| rule.method.as_str().as_bytes() == method) {
            Some(rule) => Destination::Route(rule.access),
            None => Destination::WrongMethod,
        }
    }

    /// Only what was found is carried out.
    pub(crate) async fn call(
        &mut self,
        destination: Destination,
        request: Request<Incoming>,
    ) -> Response<Body> {
        match destination {
            Destination::Route(_) => {
                let answer: Result<_, Infallible> = self.router.call(request).await;
                answer.into_response()
            }
            Destination::WrongMethod => Problem::from(Code::BadRequest)
                .status(StatusCode::METHOD_NOT_ALLOWED)
                .detail("The route does not know this method.")
                .into_response(),
            Destination::Nowhere => Problem::from(Code::NotFound).into_response(),
        }
    }
}

/// Where a request goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Destination {
    /// To a route that asks this of its caller.
    Route(Access),
    /// To a route that does not know the method.
    WrongMethod,
    /// There is no such route.
    Nowhere,
}

impl Destination {
    /// What it asks of the caller. Only programs are told that there is no such route.
    pub(crate) fn access(self) -> Access {
        match self {
            Self::Route(access) => access,
            Self::WrongMethod | Self::Nowhere => Access::Program,
        }
    }
}

/// Whether `path` is the route's; a part in braces may be anything.
fn is_at(route: &str, path: &str) -> bool {
    let mut parts = path.split('/');
    let fits = route.split('/').all(|wanted| {
        let part = parts.next();
        part.is_some_and(|part| part == wanted || wanted.starts_with('{') && !part.is_empty())
    });
    fits && parts.next().is_none()
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

/// The same with another status than 200.
fn json_as(status: StatusCode, body: &impl Serialize) -> Result<Response<Body>, Problem> {
    let mut response = json(body)?;
    *response.status_mut() = status;
    Ok(response)
}

fn no_content() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}
