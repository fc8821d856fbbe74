//! How a program is let in that has no token yet (contract, section 4.5).

use std::path::PathBuf;
use std::time::Duration;

use cardea_session::ScopeSet;
use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::json;
use tokio::time::sleep;
use zeroize::Zeroizing;

use crate::exchange::{Call, Exchange};
use crate::route::Route;
use crate::{App, ClientError, Token};

/// How long to wait before asking again whether the user has answered.
const PAUSE: Duration = Duration::from_secs(2);

/// A pairing under way: the program shows the code, the user types it into Cardea.
///
/// It goes by the local socket, whose server is known to belong to this user: a program that
/// squats on the port could let others in to itself.
#[derive(Debug)]
pub struct Pairing {
    exchange: Exchange,
    id: String,
    code: Zeroizing<String>,
    claim_secret: Zeroizing<String>,
}

#[derive(Deserialize)]
struct Started {
    id: String,
    code: Zeroizing<String>,
    claim_secret: Zeroizing<String>,
}

#[derive(Deserialize)]
struct LetIn {
    app: String,
    token: Zeroizing<String>,
}

impl Pairing {
    /// Asks the agent at the local socket `socket` to be let in under `name`, to do what `scopes`
    /// say. [`crate::Endpoint::socket`] says where it is.
    ///
    /// # Errors
    /// A problem `pairing_off`, `pairing_busy` or `rate_limited`; see [`ClientError`].
    pub async fn ask(
        socket: impl Into<PathBuf>,
        name: &str,
        scopes: &ScopeSet,
    ) -> Result<Self, ClientError> {
        let exchange = Exchange::new(Route::Socket(socket.into()), None);
        let wanted = json!({"name": name, "scopes": scopes});
        let call = Call::new(Method::POST, "/v1/pairings").json(&wanted);
        let started: Started = exchange.ask(call).await?.json()?;
        Ok(Self {
            exchange,
            id: started.id,
            code: started.code,
            claim_secret: started.claim_secret,
        })
    }

    /// The six digits that the program shows and the user types, within two minutes.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The program's id and token, once the user has let it in; none until then. The token is told
    /// once: whoever asks again loses it.
    ///
    /// # Errors
    /// A problem `pairing_declined` or `pairing_expired`; see [`ClientError`].
    pub async fn claim(&self) -> Result<Option<App>, ClientError> {
        let path = format!("/v1/pairings/{}/token", self.id);
        let claim = json!({"claim_secret": *self.claim_secret});
        let call = Call::new(Method::POST, path).json(&claim);
        let answer = self.exchange.ask(call).await?;
        let status = answer.status;
        if status == StatusCode::ACCEPTED {
            return Ok(None);
        }
        let LetIn { app, token } = answer.json()?;
        let token = Token::new(token.as_str()).map_err(|_| ClientError::answer(status))?;
        Ok(Some(App { id: app, token }))
    }

    /// Waits until the user has let the program in, or has not: two minutes at the most, after
    /// which the agent says so.
    ///
    /// # Errors
    /// As [`Pairing::claim`].
    pub async fn wait(self) -> Result<App, ClientError> {
        loop {
            if let Some(app) = self.claim().await? {
                return Ok(app);
            }
            sleep(PAUSE).await;
        }
    }
}
