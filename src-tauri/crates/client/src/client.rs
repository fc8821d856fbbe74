//! The client: one method per route of the local API.

mod management;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::path::PathBuf;
use std::time::Duration;

use cardea_session::{AttemptId, LoginMode, SessionId, Snapshot};
use http::{HeaderValue, Method, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::exchange::{Answer, Call, Exchange};
use crate::route::{Address, Route};
use crate::wire::{LoginAddress, LoginStarted, SessionTokens};
use crate::{App, AppInfo, ClientError, EventId, EventStream, Health, Tag, Tagged, os};

/// The longest wait the agent grants, see [`Client::session_change`].
const LONGEST_WAIT: Duration = Duration::from_secs(25);

/// A client of this user's agent. Cheap to clone; clones share one idle connection.
///
/// On the local socket the server's process must belong to this user before a byte is written. On
/// TCP every connection first proves that it leads to the agent that knows this program's token
/// (contract, section 4.1); only then is the token sent on it. Every method ends within a time
/// limit.
#[derive(Clone, Debug)]
pub struct Client {
    exchange: Exchange,
}

impl Client {
    /// The client for Cardea's own programs: the local socket in its usual place, no token.
    ///
    /// # Errors
    /// [`ClientError::NoRuntimeFolder`] when there is no usual place. Nothing is connected yet.
    pub fn local() -> Result<Self, ClientError> {
        Ok(Self::socket(os::socket()?, None))
    }

    /// A client on the local socket at `path`. Programs that are not Cardea's own need `app`.
    #[must_use]
    pub fn socket(path: impl Into<PathBuf>, app: Option<App>) -> Self {
        Self::on(Route::Socket(path.into()), app)
    }

    /// A client at `url`, for instance `http://127.0.0.1:28080`.
    ///
    /// # Errors
    /// [`ClientError::Address`] when it is not on this computer's loopback. Nothing is connected
    /// yet.
    pub fn tcp(url: &str, app: App) -> Result<Self, ClientError> {
        Ok(Self::on(Route::Address(Address::parse(url)?), Some(app)))
    }

    /// A client that finds the agent by its endpoint file, again for each connection: a restarted
    /// agent may be on another port, and one without a port is reached by its socket. See
    /// [`crate::Endpoint::file`].
    #[must_use]
    pub fn discover(endpoint_file: impl Into<PathBuf>, app: App) -> Self {
        Self::on(Route::EndpointFile(endpoint_file.into()), Some(app))
    }

    pub(crate) fn on(route: Route, app: Option<App>) -> Self {
        Self {
            exchange: Exchange::new(route, app),
        }
    }

    /// Asks whether the agent is there.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn health(&self) -> Result<Health, ClientError> {
        self.get("/v1/health").await
    }

    /// Asks what the agent knows of this program.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn app(&self) -> Result<AppInfo, ClientError> {
        self.get("/v1/app").await
    }

    /// Asks for the snapshot of now.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn session(&self) -> Result<Tagged, ClientError> {
        let answer = self.exchange.ask(Call::get("/v1/session")).await?;
        tagged(&answer)
    }

    /// Waits at most `wait` (whole seconds, 25 at most; zero to ask only) for a snapshot with
    /// another tag than `known`; none when there was no other.
    ///
    /// A program that polls by this treats an error as the end of the session.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn session_change(
        &self,
        known: &Tag,
        wait: Duration,
    ) -> Result<Option<Tagged>, ClientError> {
        let seconds = wait.min(LONGEST_WAIT).as_secs();
        let path = match seconds {
            0 => "/v1/session".to_owned(),
            _ => format!("/v1/session?wait={seconds}"),
        };
        let call = Call::get(path)
            .header(header::IF_NONE_MATCH, known.0.clone())
            .patient_for(Duration::from_secs(seconds));
        let answer = self.exchange.ask(call).await?;
        if answer.status == StatusCode::NOT_MODIFIED {
            return Ok(None);
        }
        tagged(&answer).map(Some)
    }

    /// Opens the event stream, after the message `after` where the agent still has what followed
    /// it: the missed events come first, marked as replayed. [`crate::Watch`] does this for
    /// programs that follow the session.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn events(&self, after: Option<&EventId>) -> Result<EventStream, ClientError> {
        let mut call = Call::get("/v1/events").accept("text/event-stream");
        if let Some(id) = after {
            let id = HeaderValue::from_str(id.as_str())
                .map_err(|_| ClientError::answer(StatusCode::OK))?;
            call = call.header(header::HeaderName::from_static("last-event-id"), id);
        }
        let (connection, body) = self.exchange.open_stream(call).await?;
        Ok(EventStream::new(connection, body, after))
    }

    /// Gives this program's place up: its token is good for nothing from now on.
    ///
    /// # Errors
    /// A problem `app_managed` for a program of the settings; see [`ClientError`].
    pub async fn leave(&self) -> Result<(), ClientError> {
        let call = Call::new(Method::DELETE, "/v1/app");
        self.exchange.ask(call).await?;
        Ok(())
    }

    /// Opens Cardea's window.
    ///
    /// # Errors
    /// A problem `no_window` or `window_not_started`; see [`ClientError`].
    pub async fn open_window(&self) -> Result<(), ClientError> {
        self.post("/v1/window", &json!({})).await?;
        Ok(())
    }

    /// Starts a login, or joins the one under way.
    ///
    /// # Errors
    /// A problem `already_signed_in`, `card_not_recognised`, `rate_limited` or one of the agent's
    /// failures; see [`ClientError`].
    pub async fn login(&self, mode: LoginMode) -> Result<AttemptId, ClientError> {
        let body = match mode {
            LoginMode::SignIn => json!({}),
            LoginMode::Reauthenticate => json!({"reauthenticate": true}),
            LoginMode::ChangeRole => json!({"change_role": true}),
        };
        let answer = self.post("/v1/session/login", &body).await?;
        answer.json::<LoginStarted>().map(|login| login.attempt)
    }

    /// Gives up the login under way. Cardea's own programs only.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn cancel(&self) -> Result<(), ClientError> {
        self.post("/v1/session/login/cancel", &json!({})).await?;
        Ok(())
    }

    /// The address to open in a browser for the login under way, when the agent could not open
    /// one. Cardea's own programs only.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn login_address(&self) -> Result<Option<String>, ClientError> {
        let answer: LoginAddress = self.get("/v1/session/login/address").await?;
        Ok(answer.address)
    }

    /// Signs out: whichever session there is, or only the one named.
    ///
    /// # Errors
    /// A problem `session_mismatch` when another session is running; see [`ClientError`].
    pub async fn logout(&self, session: Option<&SessionId>) -> Result<(), ClientError> {
        let body = match session {
            Some(id) => json!({"session_id": id}),
            None => json!({}),
        };
        self.post("/v1/session/logout", &body).await?;
        Ok(())
    }

    /// Says that the user is busy in this program. The agent counts it once in 30 s.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn activity(&self) -> Result<(), ClientError> {
        self.post("/v1/session/activity", &json!({})).await?;
        Ok(())
    }

    /// The session's tokens, for programs with `tokens:read`.
    ///
    /// # Errors
    /// A problem `no_session` or `token_expired`; see [`ClientError`].
    pub async fn tokens(&self) -> Result<SessionTokens, ClientError> {
        self.get("/v1/session/tokens").await
    }

    async fn get<T: DeserializeOwned>(&self, path: &'static str) -> Result<T, ClientError> {
        self.exchange.ask(Call::get(path)).await?.json()
    }

    async fn post(
        &self,
        path: impl Into<Cow<'static, str>>,
        body: &Value,
    ) -> Result<Answer, ClientError> {
        self.exchange
            .ask(Call::new(Method::POST, path).json(body))
            .await
    }
}

fn tagged(answer: &Answer) -> Result<Tagged, ClientError> {
    let tag = answer.headers.get(header::ETAG).cloned();
    let tag = tag.ok_or_else(|| ClientError::answer(answer.status))?;
    let snapshot: Snapshot = answer.json()?;
    Ok(Tagged {
        snapshot,
        tag: Tag(tag),
    })
}
