//! Calls to the provider: no redirects, an answer of bounded size, a limit on every wait.

use std::error::Error;
use std::io;
use std::time::Duration;

use cardea_session::Time;
use reqwest::header::{
    ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue,
};
use reqwest::{Client, ClientBuilder, Identity, RequestBuilder, StatusCode, redirect};
use serde::de::DeserializeOwned;
use tokio::sync::OnceCell;
use zeroize::Zeroizing;

use crate::Secret;
use crate::proxy::Proxies;

pub(crate) mod certificate;
mod form;

pub(crate) use form::Form;

/// How long a call may take, from the connection to the last byte. Windows may spend ten seconds
/// of it on looking for revocation lists behind a closed network.
const CALL_LIMIT: Duration = Duration::from_secs(15);

/// The largest answer that is read.
const BODY_LIMIT: usize = 1024 * 1024;

/// Everything is JSON; UserInfo may also be signed.
const ACCEPTED: HeaderValue = HeaderValue::from_static("application/json, application/jwt");

/// The client for all calls to one provider.
#[derive(Debug)]
pub(crate) struct Wire {
    outlet: OnceCell<Outlet>,
    reach: Reach,
    identity: Option<Identity>,
}

/// The client, and through which proxies it goes.
#[derive(Debug)]
struct Outlet {
    client: Client,
    proxies: Option<Proxies>,
}

/// Where the provider may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Anywhere, over https only.
    Https,
    /// On this computer, also over plain http, never through a proxy.
    Loopback,
}

/// What proves who submits a form, when that does not stand in the form.
pub(crate) enum Beside<'a> {
    /// User and password of the `Basic` scheme (RFC 7617), as they are sent.
    Basic(&'a Secret),
    /// The assertion that a workstation signed over the form (`src-tauri/docs/broker.md`).
    WorkstationAssertion(&'a Secret),
}

/// A call that brought no usable answer. Shows no address and no content.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// Before anything is called.
    #[error("the HTTPS client cannot be set up")]
    Setup(#[source] reqwest::Error),
    /// On Windows, before anything is called.
    #[error("the thread that asks for proxies cannot be started")]
    Thread(#[source] io::Error),
    /// Status 407.
    #[error("the proxy asks who is there, in a way that cannot be answered")]
    ProxyAuthentication,
    /// What is wrong with the certificate of the other side.
    #[error("no connection that can be trusted: {0}")]
    Certificate(&'static str),
    /// The other side asked for one (RFC 8446, section 4.3.2).
    #[error("the certificate of this computer is not accepted there")]
    CertificateRefused,
    /// No connection, or nothing on it in time.
    #[error("no answer")]
    Unreachable(#[source] reqwest::Error),
    /// Its head came, and not all of its body.
    #[error("the answer broke off")]
    BrokenOff(#[source] reqwest::Error),
    /// It is not read to its end.
    #[error("the answer is larger than {BODY_LIMIT} bytes")]
    TooLarge,
    /// It is not followed.
    #[error("the answer is a redirect (status {0})")]
    Redirected(u16),
    /// Another than the good one.
    #[error("the answer has status {0}")]
    Status(u16),
    /// Where it is not is all that is said of it.
    #[error("the answer is not the JSON expected (line {line}, column {column})")]
    NotJson {
        /// From 1 on; 0 when there is nothing.
        line: usize,
        /// From 1 on; 0 at a line's start.
        column: usize,
    },
    /// A line break in it, for instance.
    #[error("the access token cannot stand in a header")]
    UnusableToken,
}

/// An answer, whatever its status but a redirect.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    /// What the provider takes for the time.
    pub(crate) date: Option<Time>,
    is_jwt: bool,
    body: Zeroizing<Vec<u8>>,
}

impl Answer {
    /// An answer as it comes with status 200.
    #[cfg(feature = "fuzzing")]
    pub(crate) fn made_of(headers: &HeaderMap, body: &[u8]) -> Self {
        Self {
            status: StatusCode::OK,
            date: date(headers),
            is_jwt: is_jwt(headers),
            body: Zeroizing::new(body.to_vec()),
        }
    }

    /// The JWT, when that is what the answer says it is (RFC 7519, section 10.3.1).
    pub(crate) fn jwt(&self) -> Option<&[u8]> {
        self.is_jwt.then_some(self.body.as_slice())
    }

    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, WireError> {
        // serde_json's own message may quote the document, so only the place is kept.
        serde_json::from_slice(&self.body).map_err(|error| WireError::NotJson {
            line: error.line(),
            column: error.column(),
        })
    }

    /// The answer of a call that has only one good status.
    pub(crate) fn ok(self) -> Result<Self, WireError> {
        if self.status == StatusCode::OK {
            return Ok(self);
        }
        Err(WireError::Status(self.status.as_u16()))
    }
}

impl Wire {
    pub(crate) fn new(reach: Reach) -> Self {
        Self {
            outlet: OnceCell::new(),
            reach,
            identity: None,
        }
    }

    /// The same, showing a certificate where the other side asks for one.
    pub(crate) fn showing(self, identity: Identity) -> Self {
        Self {
            identity: Some(identity),
            ..self
        }
    }

    pub(crate) async fn fetch(
        &self,
        address: &str,
        bearer: Option<&Secret>,
    ) -> Result<Answer, WireError> {
        let outlet = self.outlet().await?;
        let request = outlet.client.get(address);
        let request = match bearer {
            Some(token) => request.header(AUTHORIZATION, authorization("Bearer", token)?),
            None => request,
        };
        outlet.call(address, request).await
    }

    /// Submits a form with what stands beside it in the head, where something does.
    pub(crate) async fn submit(
        &self,
        address: &str,
        form: Form,
        beside: Option<Beside<'_>>,
    ) -> Result<Answer, WireError> {
        let outlet = self.outlet().await?;
        let mut request = outlet
            .client
            .post(address)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form.into_body());
        if let Some(beside) = beside {
            let (name, value) = beside.header()?;
            request = request.header(name, value);
        }
        outlet.call(address, request).await
    }

    /// Set up at the first call: reading the platform's certificates would slow the start down.
    async fn outlet(&self) -> Result<&Outlet, WireError> {
        let set_up = || async {
            match self.reach {
                Reach::Https => {
                    let proxies = Proxies::new().map_err(WireError::Thread)?;
                    Outlet::through(proxies, self.identity.clone())
                }
                Reach::Loopback => Outlet::direct(),
            }
        };
        self.outlet.get_or_try_init(set_up).await
    }
}

impl Beside<'_> {
    fn header(&self) -> Result<(HeaderName, HeaderValue), WireError> {
        Ok(match self {
            Self::Basic(credentials) => (AUTHORIZATION, authorization("Basic", credentials)?),
            Self::WorkstationAssertion(assertion) => {
                let name = HeaderName::from_static("workstation-assertion");
                (name, sensitive(assertion.expose())?)
            }
        })
    }
}

impl Outlet {
    /// Over https only.
    fn through(proxies: Proxies, identity: Option<Identity>) -> Result<Self, WireError> {
        let mut builder = proxies.apply(client().https_only(true));
        if let Some(identity) = identity {
            builder = builder.identity(identity);
        }
        Ok(Self {
            client: builder.build().map_err(WireError::Setup)?,
            proxies: Some(proxies),
        })
    }

    fn direct() -> Result<Self, WireError> {
        let builder = client().no_proxy();
        Ok(Self {
            client: builder.build().map_err(WireError::Setup)?,
            proxies: None,
        })
    }

    /// Calls, by the next proxy when no connection came about by one.
    async fn call(&self, address: &str, request: RequestBuilder) -> Result<Answer, WireError> {
        let Some(proxies) = &self.proxies else {
            return answer_to(request).await;
        };
        let mut choice = proxies.prepare(address).await;
        loop {
            let Some(again) = request.try_clone() else {
                return answer_to(request).await;
            };
            let answer = answer_to(again).await;
            let next = match &answer {
                Err(error) if error.is_about_connection() => proxies.after(choice, address),
                Ok(_) | Err(_) => None,
            };
            match next {
                Some(next) => choice = next,
                None => return answer,
            }
        }
    }
}

impl WireError {
    /// Whether nothing has been asked yet, so that it can be asked again.
    fn is_about_connection(&self) -> bool {
        match self {
            Self::Unreachable(error) => error.is_connect(),
            Self::ProxyAuthentication | Self::Certificate(_) => true,
            Self::Setup(_)
            | Self::Thread(_)
            | Self::CertificateRefused
            | Self::BrokenOff(_)
            | Self::TooLarge
            | Self::Redirected(_)
            | Self::Status(_)
            | Self::NotJson { .. }
            | Self::UnusableToken => false,
        }
    }
}

fn client() -> ClientBuilder {
    Client::builder()
        .redirect(redirect::Policy::none())
        .connect_timeout(CALL_LIMIT)
        .timeout(CALL_LIMIT)
}

async fn answer_to(request: RequestBuilder) -> Result<Answer, WireError> {
    let mut response = request
        .header(ACCEPT, ACCEPTED)
        .send()
        .await
        .map_err(no_answer)?;
    let status = response.status();
    if status.is_redirection() {
        return Err(WireError::Redirected(status.as_u16()));
    }
    let date = date(response.headers());
    let is_jwt = is_jwt(response.headers());

    let announced = response.content_length().unwrap_or(0);
    let announced = usize::try_from(announced).map_err(|_| WireError::TooLarge)?;
    if announced > BODY_LIMIT {
        return Err(WireError::TooLarge);
    }
    let mut body = Zeroizing::new(Vec::with_capacity(announced));
    while let Some(chunk) = response.chunk().await.map_err(broken_off)? {
        if body.len() + chunk.len() > BODY_LIMIT {
            return Err(WireError::TooLarge);
        }
        append(&mut body, &chunk);
    }
    Ok(Answer {
        status,
        date,
        is_jwt,
        body,
    })
}

/// Moves to more room by itself: a vector that grows leaves copies behind.
fn append(body: &mut Zeroizing<Vec<u8>>, more: &[u8]) {
    let needed = body.len() + more.len();
    if needed > body.capacity() {
        let room = needed.max(2 * body.capacity());
        let mut larger = Zeroizing::new(Vec::with_capacity(room));
        larger.extend_from_slice(body);
        *body = larger;
    }
    body.extend_from_slice(more);
}

fn authorization(scheme: &str, token: &Secret) -> Result<HeaderValue, WireError> {
    sensitive(&Zeroizing::new(format!("{scheme} {}", token.expose())))
}

fn sensitive(text: &str) -> Result<HeaderValue, WireError> {
    let mut value = HeaderValue::from_str(text).map_err(|_| WireError::UnusableToken)?;
    value.set_sensitive(true);
    Ok(value)
}

fn no_answer(error: reqwest::Error) -> WireError {
    // The library names this one only in words.
    let mut cause: Option<&(dyn Error + 'static)> = Some(&error);
    while let Some(current) = cause {
        if current.to_string() == "tunnel error: proxy authorization required" {
            return WireError::ProxyAuthentication;
        }
        if let Some(problem) = certificate::problem(current) {
            return WireError::Certificate(problem);
        }
        if certificate::is_refusal(current) {
            return WireError::CertificateRefused;
        }
        cause = current.source();
    }
    WireError::Unreachable(error.without_url())
}

fn broken_off(error: reqwest::Error) -> WireError {
    if error.is_timeout() {
        return WireError::Unreachable(error.without_url());
    }
    WireError::BrokenOff(error.without_url())
}

fn is_jwt(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    // Whatever its parameters are.
    let essence = kind.and_then(|kind| kind.split(|&byte| byte == b';').next());
    essence.is_some_and(|kind| kind.trim_ascii().eq_ignore_ascii_case(b"application/jwt"))
}

fn date(headers: &HeaderMap) -> Option<Time> {
    let text = headers.get(DATE)?.to_str().ok()?;
    let zoned = jiff::fmt::rfc2822::parse(text).ok()?;
    Some(zoned.timestamp().into())
}

#[cfg(test)]
mod tests;
