//! What the broker does with a request: who asks, what is asked, and the provider's answer.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use aws_lc_rs::digest::{self, SHA256};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Body;
use rustls::pki_types::CertificateDer;
use tokio::sync::{Semaphore, oneshot};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;
use zeroize::Zeroizing;

use crate::answer::{self, Answer};
use crate::approved::Approved;
use crate::assertion::{self, Expected};
use crate::form::{self, Fields, Message};
use crate::metrics::{Metrics, Now};
use crate::problem::Problem;
use crate::provider::{Provider, ProviderAnswer};
use crate::rate::Rates;
use crate::route::{self, Route};
use crate::settings::{Proof, Settings};
use crate::state::{State, Use};
use crate::tls::Tls;

/// The header with a workstation's assertion.
const ASSERTION: &str = "workstation-assertion";

const BODY_LIMIT: usize = 8 * 1024;

const BODY_TIME: Duration = Duration::from_secs(10);

/// The body of a request.
pub(crate) trait Sent:
    Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>>
{
}

impl<B> Sent for B where B: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>> {}

type Shown<'a> = Option<&'a [CertificateDer<'static>]>;

/// Everything that requests share.
pub(crate) struct Broker {
    pub(crate) provider: Provider,
    pub(crate) tls: Tls,
    pub(crate) state: Box<dyn State>,
    pub(crate) metrics: Metrics,
    /// Told when the broker is to stop.
    pub(crate) stop: CancellationToken,
    /// Connections, and calls to the provider.
    pub(crate) tasks: TaskTracker,
    /// Room for connections; one is taken before it is known who comes.
    pub(crate) connections: Arc<Semaphore>,
    /// Held by each connection.
    pub(crate) open: Arc<()>,
    public_url: String,
    /// The path of the public address; empty for none.
    base: String,
    proof: Proof,
    approved: Option<Approved>,
    rates: Rates,
    room: Semaphore,
    clock: fn() -> i64,
}

impl Broker {
    pub(crate) fn new(
        settings: &Settings,
        provider: Provider,
        tls: Tls,
        state: Box<dyn State>,
    ) -> Self {
        let base = Url::parse(&settings.public_url);
        let base = base.map_or(String::new(), |url| url.path().to_owned());
        let workstations = &settings.workstations;
        let limits = &settings.limits;
        Self {
            provider,
            tls,
            state,
            metrics: Metrics::default(),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
            connections: Arc::new(Semaphore::new(limits.connections)),
            open: Arc::default(),
            public_url: settings.public_url.clone(),
            base: base.trim_end_matches('/').to_owned(),
            proof: workstations.proof,
            approved: workstations.approved.clone().map(Approved::in_file),
            rates: Rates::per_minute(workstations.rate_per_minute),
            room: Semaphore::new(limits.requests),
            clock: unix_now,
        }
    }

    /// Answers a request; `certificate` is the one that the connection showed, with its chain.
    pub(crate) async fn answer(
        self: &Arc<Self>,
        request: Request<impl Sent>,
        certificate: Shown<'_>,
    ) -> Answer {
        let path = request.uri().path();
        let below = path.strip_prefix(&self.base);
        if let Some(route) = below.and_then(Route::at) {
            return self.workstation(route, request, certificate).await;
        }
        // Workstations know the broker's address only.
        let path = if below == Some("/health") {
            "/health"
        } else {
            path
        };
        let answered = match (path, request.method() == Method::GET) {
            ("/health", true) => return self.health(),
            ("/metrics", true) => return self.metrics(),
            ("/health" | "/metrics", false) => Problem::MethodNotAllowed,
            _ => Problem::NotFound,
        };
        self.metrics.request("other", answered.code());
        answered.answer()
    }

    async fn workstation(
        self: &Arc<Self>,
        route: Route,
        request: Request<impl Sent>,
        certificate: Shown<'_>,
    ) -> Answer {
        let began = Instant::now();
        let mut workstation = String::new();
        let done = self.serve(route, request, certificate, &mut workstation);
        let (result, answer) = match done.await {
            Ok(answer) => {
                let result = match answer.status().as_u16() {
                    200 => "200",
                    401 => "401",
                    _ => "400",
                };
                (result, answer)
            }
            Err(problem) => (problem.code(), problem.answer()),
        };
        self.metrics.request(route.name(), result);
        tracing::info!(
            route = route.name(),
            status = answer.status().as_u16(),
            result,
            workstation = workstation.get(..8),
            millis = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
            "answered"
        );
        answer
    }

    async fn serve(
        self: &Arc<Self>,
        route: Route,
        request: Request<impl Sent>,
        certificate: Shown<'_>,
        workstation: &mut String,
    ) -> Result<Answer, Problem> {
        if request.method() != Method::POST {
            return Err(Problem::MethodNotAllowed);
        }
        if self.stop.is_cancelled() {
            return Err(Problem::Stopping);
        }
        let (head, body) = request.into_parts();
        if !is_form(&head) {
            return Err(Problem::BadRequest);
        }
        let body = read(body).await?;
        // Not before: nobody has proved anything yet, and whoever speaks slowly would hold it.
        let _room = self.room.try_acquire().map_err(|_| Problem::Busy)?;
        *workstation = self.prove(route, &head, &body, certificate).await?;
        let ours = self.provider.settings();
        match route {
            Route::Message(message) => {
                let fields = message.read(&body, ours)?;
                let answer = self.pass_on(message, fields).await?;
                Ok(answer::of_provider(answer))
            }
            Route::Workstation => {
                form::read_introduction(&body, ours)?;
                Ok(route::enrolled())
            }
        }
    }

    /// Who asks.
    async fn prove(
        &self,
        route: Route,
        head: &Parts,
        body: &[u8],
        certificate: Shown<'_>,
    ) -> Result<String, Problem> {
        let now = (self.clock)();
        if self.proof.by_certificate() {
            let own = self.tls.check(certificate)?;
            if !self.proof.by_key() {
                return self.within_rate(fingerprint(own), now);
            }
        }
        let proven = {
            let mut sent = head.headers.get_all(ASSERTION).iter();
            let assertion = sent.next().ok_or(Problem::AssertionMissing)?;
            let assertion = assertion
                .to_str()
                .map_err(|_| Problem::AssertionMalformed)?;
            if sent.next().is_some() {
                return Err(Problem::AssertionMalformed);
            }
            let audience = format!("{}{}", self.public_url, route.path());
            let expected = Expected {
                audience: &audience,
                body,
                now,
            };
            let is_approved = |thumbprint: &str| {
                self.approved
                    .as_ref()
                    .is_some_and(|list| list.has(thumbprint))
            };
            assertion::check(assertion, is_approved, &expected)?
        };
        let name = self.within_rate(proven.thumbprint, now)?;
        let id = format!("{name} {}", proven.jti);
        let id = digest::digest(&SHA256, id.as_bytes());
        let id = id.as_ref().try_into().map_err(|_| Problem::Busy)?;
        match self.state.use_assertion(id, proven.until, now).await {
            Ok(Use::First) => Ok(name),
            Ok(Use::Again) => Err(Problem::AssertionUsed),
            Err(error) => {
                tracing::error!(%error);
                Err(Problem::Busy)
            }
        }
    }

    fn within_rate(&self, name: String, now: i64) -> Result<String, Problem> {
        if self.rates.takes(&name, now) {
            return Ok(name);
        }
        Err(Problem::RateLimited)
    }

    /// The call outlives whoever asked: a workstation that has gone must not leave tokens behind.
    async fn pass_on(
        self: &Arc<Self>,
        message: Message,
        fields: Fields,
    ) -> Result<ProviderAnswer, Problem> {
        let (reply, answer) = oneshot::channel();
        let (taken, was_taken) = oneshot::channel();
        let broker = Arc::clone(self);
        self.tasks.spawn(async move {
            let began = Instant::now();
            let answer = broker
                .provider
                .pass_on(message, fields, (broker.clock)())
                .await;
            broker.metrics.provider_call(began.elapsed());
            let given = answer.as_ref().ok().cloned();
            let given = given.filter(|_| message == Message::Exchange);
            // Whether it was taken counts: who has not gone yet may go before that.
            let _gone = reply.send(answer);
            if let Some(unclaimed) = given
                && was_taken.await.is_err()
            {
                let now = (broker.clock)();
                broker.provider.revoke_unclaimed(&unclaimed, now).await;
            }
        });
        let answer = answer.await.unwrap_or(Err(Problem::Stopping));
        let _task_is_over = taken.send(());
        answer
    }

    /// Each of the files that may change, and whether it is of no use now.
    fn wrong_files(&self) -> Vec<(&'static str, bool)> {
        let approved = self.approved.as_ref().map(Approved::is_wrong);
        let credential = self.provider.credential_is_wrong();
        self.tls
            .are_wrong()
            .chain([credential])
            .chain(approved)
            .collect()
    }

    fn health(&self) -> Answer {
        let (status, text) = match self.stop.is_cancelled() {
            false => (StatusCode::OK, "ok"),
            true => (StatusCode::SERVICE_UNAVAILABLE, "stopping"),
        };
        let text = format!("{{\"status\":\"{text}\"}}");
        answer::text(status, "application/json", text)
    }

    fn metrics(&self) -> Answer {
        let text = self.metrics.text(&Now {
            connections: Arc::strong_count(&self.open) - 1,
            approved: self.approved.as_ref().map_or(0, Approved::count),
            assertions: self.state.size(),
            wrong: self.wrong_files(),
        });
        answer::text(
            StatusCode::OK,
            "text/plain; version=0.0.4; charset=utf-8",
            text,
        )
    }
}

/// SHA-256 in hexadecimal.
fn fingerprint(certificate: &CertificateDer<'_>) -> String {
    let hash = digest::digest(&SHA256, certificate);
    let bytes = hash.as_ref().iter();
    bytes.map(|byte| format!("{byte:02x}")).collect()
}

fn is_form(head: &Parts) -> bool {
    let content_type = head.headers.get(CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok());
    content_type.is_some_and(|value| {
        let kind = value.split(';').next().unwrap_or_default().trim();
        kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
    })
}

async fn read(body: impl Sent) -> Result<Zeroizing<Vec<u8>>, Problem> {
    if body.size_hint().lower() > BODY_LIMIT as u64 {
        return Err(Problem::BodyTooLarge);
    }
    let limited = Limited::new(body, BODY_LIMIT);
    let read = timeout(BODY_TIME, limited.collect()).await;
    let read = read.map_err(|_| Problem::BadRequest)?;
    let read = read.map_err(|error| match error.is::<LengthLimitError>() {
        true => Problem::BodyTooLarge,
        false => Problem::BadRequest,
    })?;
    Ok(Zeroizing::new(read.to_bytes().to_vec()))
}

fn unix_now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let seconds = since.map_or(0, |since| since.as_secs());
    i64::try_from(seconds).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
