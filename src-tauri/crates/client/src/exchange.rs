//! Requests and their answers, over one idle connection or a new one.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::timeout;

use crate::connection::Connection;
use crate::proof::Nonce;
use crate::route::Route;
use crate::wire::Health;
use crate::{App, ClientError, Problem};

/// So long a request may take beyond what it asks the agent to wait.
const LIMIT: Duration = Duration::from_secs(5);

/// No answer of the agent is longer, in bytes.
const LONGEST_ANSWER: usize = 1 << 20;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A request to be made.
pub(crate) struct Call {
    method: Method,
    path: Cow<'static, str>,
    headers: HeaderMap,
    body: Bytes,
    limit: Duration,
}

impl Call {
    pub(crate) fn new(method: Method, path: impl Into<Cow<'static, str>>) -> Self {
        Self {
            method,
            path: path.into(),
            headers: HeaderMap::from_iter([(header::ACCEPT, JSON)]),
            body: Bytes::new(),
            limit: LIMIT,
        }
    }

    pub(crate) fn get(path: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Method::GET, path)
    }

    pub(crate) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    pub(crate) fn accept(self, kind: &'static str) -> Self {
        self.header(header::ACCEPT, HeaderValue::from_static(kind))
    }

    pub(crate) fn json(mut self, body: &Value) -> Self {
        self.body = body.to_string().into();
        self.header(header::CONTENT_TYPE, JSON)
    }

    /// Lets the agent take `wait` longer.
    pub(crate) fn patient_for(mut self, wait: Duration) -> Self {
        self.limit = LIMIT + wait;
        self
    }

    fn request(&self) -> Result<Request<Full<Bytes>>, ClientError> {
        let mut request = Request::builder()
            .method(&self.method)
            .uri(self.path.as_ref())
            .body(Full::new(self.body.clone()))
            .map_err(|_| ClientError::Address(self.path.to_string()))?;
        request.headers_mut().clone_from(&self.headers);
        Ok(request)
    }
}

/// A successful answer (2xx or 304), read to its end.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    body: Bytes,
}

impl Answer {
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, ClientError> {
        serde_json::from_slice(&self.body).map_err(|error| ClientError::body(self.status, error))
    }
}

/// Makes requests on behalf of one program.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    route: Route,
    app: Option<App>,
    idle: Mutex<Option<Connection>>,
}

impl Exchange {
    pub(crate) fn new(route: Route, app: Option<App>) -> Self {
        let idle = Mutex::default();
        Self {
            shared: Arc::new(Shared { route, app, idle }),
        }
    }

    /// Makes a request and reads its answer.
    pub(crate) async fn ask(&self, call: Call) -> Result<Answer, ClientError> {
        within(call.limit, async {
            let (connection, response) = self.send(&call).await?;
            let answer = read(response).await?;
            self.keep(connection);
            answer.ok()
        })
        .await
    }

    /// Makes a request on a connection of its own and hands out the answer's open body.
    pub(crate) async fn open_stream(
        &self,
        call: Call,
    ) -> Result<(Connection, Incoming), ClientError> {
        within(call.limit, async {
            let mut connection = self.connect().await?;
            let response = self.send_on(&mut connection, &call).await?;
            if response.status() == StatusCode::OK {
                return Ok((connection, response.into_body()));
            }
            let status = read(response).await?.ok()?.status;
            Err(ClientError::answer(status))
        })
        .await
    }

    async fn send(&self, call: &Call) -> Result<(Connection, Response<Incoming>), ClientError> {
        if let Some(mut idle) = self.take_idle() {
            // The agent may have closed it meanwhile; what has not been sent can be sent anew.
            let request = self.authorised(call.request()?)?;
            match idle.send(request).await {
                Ok(response) => return Ok((idle, response)),
                Err(failed) if failed.unsent.is_none() && call.method != Method::GET => {
                    return Err(ClientError::Connection(failed.error));
                }
                Err(_) => {}
            }
        }
        let mut connection = self.connect().await?;
        let response = self.send_on(&mut connection, call).await?;
        Ok((connection, response))
    }

    async fn send_on(
        &self,
        connection: &mut Connection,
        call: &Call,
    ) -> Result<Response<Incoming>, ClientError> {
        let request = self.authorised(call.request()?)?;
        let answer = connection.send(request).await;
        answer.map_err(|failed| ClientError::Connection(failed.error))
    }

    fn authorised(
        &self,
        mut request: Request<Full<Bytes>>,
    ) -> Result<Request<Full<Bytes>>, ClientError> {
        if let Some(app) = &self.shared.app {
            let token = app
                .token
                .authorization()
                .map_err(|_| ClientError::NotProven)?;
            request.headers_mut().insert(header::AUTHORIZATION, token);
        }
        Ok(request)
    }

    /// Connects; over TCP the token may be sent on what this returns, and on nothing else.
    async fn connect(&self) -> Result<Connection, ClientError> {
        let mut connection = Connection::open(&self.shared.route).await?;
        if let (Some(port), Some(app)) = (connection.port(), &self.shared.app) {
            prove(&mut connection, app, port).await?;
        }
        Ok(connection)
    }

    fn take_idle(&self) -> Option<Connection> {
        let mut idle = self
            .shared
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        idle.take().filter(Connection::is_ready)
    }

    fn keep(&self, connection: Connection) {
        let mut idle = self
            .shared
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *idle = Some(connection);
    }
}

/// Lets the program at the other end prove that it knows the app's token (contract, section 4.1).
async fn prove(connection: &mut Connection, app: &App, port: u16) -> Result<(), ClientError> {
    let nonce = Nonce::draw().map_err(|_| ClientError::NoRandomness)?;
    let id = percent_encoded(&app.id);
    let call = Call::get(format!("/v1/health?app={id}&nonce={}", nonce.as_str()));
    let response = connection.send(call.request()?).await;
    let response = response.map_err(|failed| ClientError::Connection(failed.error))?;
    let health: Health = read(response).await?.ok()?.json()?;
    let (Some(boot), Some(proof)) = (health.boot, health.proof) else {
        return Err(ClientError::NotProven);
    };
    if !nonce.is_proven_by(&proof, &app.token, &boot, port) {
        return Err(ClientError::NotProven);
    }
    Ok(())
}

async fn within<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, ClientError>>,
) -> Result<T, ClientError> {
    timeout(limit, work)
        .await
        .map_err(|_| ClientError::TimedOut(limit))?
}

async fn read(response: Response<Incoming>) -> Result<Answer, ClientError> {
    let (head, body) = response.into_parts();
    let body = Limited::new(body, LONGEST_ANSWER).collect().await;
    let body = body.map_err(|error| match error.downcast::<hyper::Error>() {
        Ok(broken) => ClientError::Connection(*broken),
        Err(_too_long) => ClientError::answer(head.status),
    })?;
    Ok(Answer {
        status: head.status,
        headers: head.headers,
        body: body.to_bytes(),
    })
}

impl Answer {
    /// This answer when it is a success, its problem when it is one.
    fn ok(self) -> Result<Self, ClientError> {
        if self.status.is_success() || self.status == StatusCode::NOT_MODIFIED {
            return Ok(self);
        }
        if let Some(problem) = Problem::read(self.status.as_u16(), self.retry_after(), &self.body) {
            return Err(ClientError::Problem(problem));
        }
        if self.status == StatusCode::FORBIDDEN {
            return Err(ClientError::Refused);
        }
        Err(ClientError::answer(self.status))
    }

    fn retry_after(&self) -> Option<Duration> {
        let seconds = self.headers.get(header::RETRY_AFTER)?.to_str().ok()?;
        seconds.parse().ok().map(Duration::from_secs)
    }
}

pub(crate) fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_id_cannot_add_to_the_query() {
        assert_eq!(percent_encoded("gp.app-1_~"), "gp.app-1_~");
        assert_eq!(percent_encoded("a&b=ü"), "a%26b%3D%C3%BC");
    }

    #[test]
    fn what_goes_into_an_address_cannot_lead_elsewhere() {
        assert_eq!(percent_encoded("paired-0a.b_c~"), "paired-0a.b_c~");
        assert_eq!(
            percent_encoded("a/../b?c&d e%"),
            "a%2F..%2Fb%3Fc%26d%20e%25"
        );
        assert_eq!(percent_encoded("\u{e9}"), "%C3%A9");
    }
}
