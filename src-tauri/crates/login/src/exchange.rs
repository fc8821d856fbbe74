//! The code for tokens (OpenID Connect Core, section 3.1.3).

use std::sync::Arc;

use reqwest::StatusCode;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};

use crate::assertion::AssertionError;
use crate::authorize::Question;
use crate::broker::{BrokerError, Message};
use crate::clock::ClockDifference;
use crate::credential::{Call, Way};
use crate::discovery::Provider;
use crate::id_token::Answered;
use crate::oauth_error::OAuthError;
use crate::wire::{Answer, Wire, WireError};
use crate::{Clock, Secret, Settings, Tokens};

/// Everything that one exchange needs.
pub(crate) struct Exchange<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) provider: &'a Arc<Provider>,
    pub(crate) way: &'a Way,
    pub(crate) question: &'a Question,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) wire: &'a Wire,
}

/// What the token endpoint gave: at least an ID token and an access token.
pub(crate) struct Exchanged {
    pub(crate) tokens: Tokens,
    pub(crate) id_token: Secret,
    pub(crate) access_token: Secret,
    pub(crate) answered: Answered,
}

/// An exchange that failed, and what the provider gave out all the same.
pub(crate) struct NotExchanged {
    pub(crate) error: ExchangeError,
    pub(crate) tokens: Option<Tokens>,
}

/// Why an exchange failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExchangeError {
    #[error(transparent)]
    Assertion(#[from] AssertionError),
    #[error(transparent)]
    Broker(#[from] BrokerError),
    #[error("token call: {0}")]
    Wire(#[from] WireError),
    #[error("token call: refused with {error}")]
    Refused { error: OAuthError },
    #[error("token call: the client was refused")]
    ClientRefused,
    #[error("token call: the client was refused, and {0}")]
    ClockWrong(ClockDifference),
    #[error("token call: no {0} in the answer")]
    Missing(&'static str),
    #[error("token call: the token is not a bearer token")]
    TokenType,
}

impl From<ExchangeError> for Box<NotExchanged> {
    fn from(error: ExchangeError) -> Self {
        Self::new(NotExchanged {
            error,
            tokens: None,
        })
    }
}

/// Each member for itself: one that is not what it should be must not lose the tokens beside it.
#[derive(Deserialize)]
struct TokenAnswer {
    #[serde(default, deserialize_with = "text")]
    access_token: Option<Secret>,
    #[serde(default, deserialize_with = "text")]
    id_token: Option<Secret>,
    #[serde(default, deserialize_with = "text")]
    refresh_token: Option<Secret>,
    #[serde(default, deserialize_with = "text")]
    token_type: Option<Secret>,
}

/// A member that is text; anything else counts as absent.
fn text<'de, D: Deserializer<'de>>(member: D) -> Result<Option<Secret>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Member {
        Text(Secret),
        Other(IgnoredAny),
    }
    Ok(match Member::deserialize(member)? {
        Member::Text(text) => Some(text),
        Member::Other(_) => None,
    })
}

#[derive(Deserialize)]
struct ErrorAnswer {
    error: String,
}

impl Exchange<'_> {
    pub(crate) async fn redeem(&self, code: &Secret) -> Result<Exchanged, Box<NotExchanged>> {
        let asked_at = self.clock.now();
        let endpoint = &self.provider.token_endpoint;
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", code.expose()),
            ("redirect_uri", self.question.redirect_uri.as_str()),
        ];
        if let Some(verifier) = &self.question.verifier {
            fields.push(("code_verifier", verifier.expose()));
        }
        let call = Call {
            message: Message::Exchange,
            endpoint,
            audience: endpoint,
            fields: &fields,
            at: asked_at,
        };
        let answer = self
            .way
            .send::<ExchangeError>(&call, self.settings, self.wire);
        let answer = answer.await.map_err(|error| {
            if let ExchangeError::Broker(error) = error {
                return error.by_the_clocks(self.clock.now()).into();
            }
            error
        })?;
        let answered = Answered {
            asked_at,
            at: self.clock.now(),
            provider_date: answer.date,
        };
        if answer.status != StatusCode::OK {
            return Err(self.refusal(&answer, answered).into());
        }
        let answer: TokenAnswer = answer.json().map_err(ExchangeError::from)?;
        self.accept(answer, answered)
    }

    fn accept(
        &self,
        answer: TokenAnswer,
        answered: Answered,
    ) -> Result<Exchanged, Box<NotExchanged>> {
        let is_bearer = |kind: &Secret| kind.expose().eq_ignore_ascii_case("bearer");
        let tokens = Tokens {
            id_token: answer.id_token.clone(),
            access_token: answer.access_token.clone(),
            refresh_token: answer.refresh_token,
            expires_at: None,
            sid: None,
            subject: None,
            provider: Arc::clone(self.provider),
        };
        let error = match (answer.id_token, answer.access_token) {
            (Some(id_token), Some(access_token)) => {
                if answer.token_type.as_ref().is_some_and(is_bearer) {
                    return Ok(Exchanged {
                        tokens,
                        id_token,
                        access_token,
                        answered,
                    });
                }
                ExchangeError::TokenType
            }
            (None, _) => ExchangeError::Missing("id_token"),
            (Some(_), None) => ExchangeError::Missing("access_token"),
        };
        let given = tokens.id_token.is_some()
            || tokens.access_token.is_some()
            || tokens.refresh_token.is_some();
        Err(Box::new(NotExchanged {
            error,
            tokens: given.then_some(tokens),
        }))
    }

    /// A client assertion of the wrong time is refused like one by the wrong key.
    fn refusal(&self, answer: &Answer, answered: Answered) -> ExchangeError {
        let error = match answer.json() {
            Ok(ErrorAnswer { error }) if answer.status.is_client_error() => {
                Some(OAuthError::new(&error))
            }
            Ok(_) | Err(_) => None,
        };
        let is_about_client = match &error {
            Some(error) => error.name() == "invalid_client",
            None => answer.status == StatusCode::UNAUTHORIZED,
        };
        if is_about_client
            && let Some(difference) = answered.clock_difference(self.settings.clock_skew)
        {
            return ExchangeError::ClockWrong(difference);
        }
        match error {
            Some(error) => ExchangeError::Refused { error },
            None if is_about_client => ExchangeError::ClientRefused,
            None => WireError::Status(answer.status.as_u16()).into(),
        }
    }
}
