//! The checks of contract section 4.5, in its order, on every request.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, header};
use axum::response::IntoResponse;
use cardea_session::Scope;

use super::cors::{is_preflight, preflight};
use super::{Cors, Found, Grant, Register, origin};
use crate::limits::WrongTokens;
use crate::problem::{Code, Problem};
use crate::server::{Hosts, Link, Way};

const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What a route asks of its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Neither token nor scope.
    Anyone,
    /// A program's token.
    Program,
    /// A program's token with this scope.
    Scope(Scope),
    /// The same, and the token may come as a WebSocket's protocol, because browsers let pages send
    /// no other header there.
    WebSocketScope(Scope),
    /// The same as [`Access::Scope`], and to call by the local socket.
    SocketScope(Scope),
    /// Neither, but to call from a secure web origin or from none, while programs may ask to be
    /// let in.
    Pairing,
    /// To be one of Cardea's own programs, on the local socket.
    OwnPrograms,
}

impl Access {
    /// Whether it asks for a token.
    fn asks_for_token(self) -> bool {
        !matches!(self, Self::Anyone | Self::Pairing)
    }
}

/// Why a request goes no further.
#[derive(Debug)]
pub(crate) enum Refused {
    /// One answer for all that comes before the token: 403 and nothing else.
    Forbidden,
    /// It was only a preflight.
    Preflight(Box<Response<Body>>),
    /// The caller may know why.
    Problem(Problem),
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<Code> for Refused {
    fn from(code: Code) -> Self {
        Self::Problem(code.into())
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response<Body> {
        match self {
            Self::Forbidden => {
                let mut response = Response::new(Body::empty());
                *response.status_mut() = StatusCode::FORBIDDEN;
                response
            }
            Self::Preflight(response) => *response,
            Self::Problem(problem) => problem.into_response(),
        }
    }
}

/// One request at the gate.
pub(crate) struct Gate<'a, B> {
    pub(crate) request: &'a Request<B>,
    /// What the route asks of its caller.
    pub(crate) access: Access,
    pub(crate) link: &'a Link,
    pub(crate) hosts: &'a Hosts,
    pub(crate) register: &'a Register,
    pub(crate) wrong_tokens: &'a WrongTokens,
}

impl<B> Gate<'_, B> {
    /// Who calls; nobody when the route is for [`Access::Anyone`].
    pub(crate) fn admit(&self) -> Result<Option<Arc<Grant>>, Refused> {
        self.same_user()?;
        self.host()?;
        self.not_sent_unasked()?;
        let origin = self.origin()?;
        self.preflight(origin)?;
        if !self.access.asks_for_token() {
            self.listed(origin)?;
            return Ok(None);
        }
        // A page can open one without being asked first: it is not to guess tokens either.
        if matches!(self.access, Access::WebSocketScope(_)) {
            self.listed(origin)?;
        }
        let grant = self.token()?;
        Self::own_origin(&grant, origin)?;
        self.scope(&grant)?;
        Ok(Some(grant))
    }

    /// What the answer, whichever it is, tells a browser.
    pub(crate) fn cors(&self) -> Cors {
        match self.request.headers().get(header::ORIGIN) {
            Some(origin) if self.link.is_of_same_user() && self.lists(origin) => {
                Cors::readable_by(origin.clone())
            }
            Some(_) | None => Cors::nothing(),
        }
    }

    fn same_user(&self) -> Result<(), Refused> {
        allowed_if(self.link.is_of_same_user())
    }

    /// Exactly our own address; on the local socket, nothing that only a browser sends.
    fn host(&self) -> Result<(), Refused> {
        let headers = self.request.headers();
        allowed_if(match self.link.way() {
            Way::Port => {
                let authority = self.request.uri().authority();
                let is_ours = |host: &[u8]| self.hosts.has(host);
                only(headers, &header::HOST)?.is_some_and(|host| is_ours(host.as_bytes()))
                    && authority.is_none_or(|host| is_ours(host.as_str().as_bytes()))
            }
            Way::Socket { .. } => {
                !headers.contains_key(header::ORIGIN) && !headers.contains_key(header::REFERER)
            }
        })
    }

    /// Nothing that a page can send without a browser asking us first (Fetch Metadata).
    fn not_sent_unasked(&self) -> Result<(), Refused> {
        let headers = self.request.headers();
        let mode = only(headers, &SEC_FETCH_MODE)?;
        let site = only(headers, &SEC_FETCH_SITE)?;
        allowed_if(mode.is_none_or(|mode| mode != "no-cors" && mode != "navigate"))?;
        allowed_if(
            headers.contains_key(header::ORIGIN) || site.is_none_or(|site| site != "cross-site"),
        )
    }

    fn origin(&self) -> Result<Option<&HeaderValue>, Refused> {
        let origin = only(self.request.headers(), &header::ORIGIN)?;
        allowed_if(origin.is_none_or(|origin| origin != "null"))?;
        Ok(origin)
    }

    fn preflight(&self, origin: Option<&HeaderValue>) -> Result<(), Refused> {
        if !is_preflight(self.request.method(), self.request.headers()) {
            return Ok(());
        }
        self.listed(origin)?;
        let answer = preflight(self.request.headers());
        Err(Refused::Preflight(Box::new(answer)))
    }

    fn listed(&self, origin: Option<&HeaderValue>) -> Result<(), Refused> {
        allowed_if(origin.is_none_or(|origin| self.lists(origin)))
    }

    /// Whether some program is called from `origin`, or may come to be.
    fn lists(&self, origin: &HeaderValue) -> bool {
        let may_ask = self.access == Access::Pairing
            && self.register.may_be_paired()
            && origin::is_secure(origin.as_bytes());
        may_ask || self.register.lists(origin)
    }

    fn token(&self) -> Result<Arc<Grant>, Refused> {
        let found = match self.sent_token() {
            Sent::One(token) => self.register.by_token(token),
            Sent::Unclear => Found::Nobody,
            Sent::Nothing => {
                return match self.link.way() {
                    Way::Socket { own_program: true } => Ok(self.register.own_programs()),
                    Way::Socket { own_program: false } | Way::Port => {
                        Err(Code::TokenMissing.into())
                    }
                };
            }
        };
        let code = match found {
            Found::Program(grant) => return Ok(grant),
            Found::Retired => Code::TokenRevoked,
            Found::Nobody => Code::TokenInvalid,
        };
        Err(match self.wrong_tokens.count() {
            Ok(()) => code.into(),
            Err(wait) => Problem::from(Code::RateLimited).retry_after(wait).into(),
        })
    }

    fn sent_token(&self) -> Sent<'_> {
        let headers = self.request.headers();
        let authorizations = headers.get_all(header::AUTHORIZATION).iter();
        let mut tokens: Vec<_> = authorizations
            .map(|value| bearer(value.as_bytes()))
            .collect();
        if matches!(self.access, Access::WebSocketScope(_)) {
            tokens.extend(protocols(headers).filter_map(|protocol| {
                let token = protocol.strip_prefix(b"bearer.")?;
                Some(Some(token))
            }));
        }
        match tokens.as_slice() {
            [] => Sent::Nothing,
            [Some(token)] => Sent::One(token),
            [None] | [_, _, ..] => Sent::Unclear,
        }
    }

    fn own_origin(grant: &Grant, origin: Option<&HeaderValue>) -> Result<(), Refused> {
        if grant.fits(origin) {
            Ok(())
        } else {
            Err(Code::OriginNotAllowed.into())
        }
    }

    fn scope(&self, grant: &Grant) -> Result<(), Refused> {
        match self.access {
            Access::Anyone | Access::Pairing | Access::Program => Ok(()),
            Access::Scope(scope) | Access::WebSocketScope(scope) => has(grant, scope),
            Access::SocketScope(scope) => match self.link.way() {
                Way::Socket { .. } => has(grant, scope),
                Way::Port => Err(Code::NotFound.into()),
            },
            Access::OwnPrograms => match (self.link.way(), &grant.app) {
                (Way::Socket { .. }, None) => Ok(()),
                (Way::Socket { .. }, Some(_)) => Err(Problem::from(Code::ScopeMissing)
                    .detail("Only Cardea's own programs may do this.")
                    .into()),
                (Way::Port, _) => Err(Code::NotFound.into()),
            },
        }
    }
}

/// What came in the token's place.
enum Sent<'a> {
    Nothing,
    One(&'a [u8]),
    /// Several, or something else.
    Unclear,
}

/// The protocols that a WebSocket's client speaks (RFC 6455, section 4.1).
pub(crate) fn protocols(headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    let values = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).iter();
    values
        .flat_map(|value| value.as_bytes().split(|&byte| byte == b','))
        .map(<[u8]>::trim_ascii)
}

fn has(grant: &Grant, scope: Scope) -> Result<(), Refused> {
    if grant.scopes.has(scope) {
        return Ok(());
    }
    let detail = format!("The call needs the scope {scope}.");
    Err(Problem::from(Code::ScopeMissing).detail(detail).into())
}

fn allowed_if(is_allowed: bool) -> Result<(), Refused> {
    if is_allowed {
        Ok(())
    } else {
        Err(Refused::Forbidden)
    }
}

/// The token of RFC 6750, section 2.1.
fn bearer(authorization: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = authorization.split_at_checked(7)?;
    scheme.eq_ignore_ascii_case(b"Bearer ").then_some(token)
}

/// The one value of a header; several would be read differently by different programs.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a HeaderValue>, Refused> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (value, None) => Ok(value),
        (_, Some(_)) => Err(Refused::Forbidden),
    }
}
