//! The broker, as this computer sees it (`src-tauri/docs/broker.md`): adds the client credential to
//! the two messages that need it. It knows this computer by its own key, which signs them, by a
//! certificate that the connection shows, or by both.

use std::sync::Arc;

use cardea_session::{FailureCode, Time};
use serde::Deserialize;

use crate::assertion::{AssertionError, WORKSTATION_ALG, workstation_assertion};
use crate::broker_wire::BrokerWire;
use crate::client_certificate::CertificateError;
use crate::clock::ClockDifference;
use crate::keystore::Signer;
use crate::oauth_error::OAuthError;
use crate::wire::{Answer, Beside, Form, Wire, WireError};
use crate::{Credentials, KeystoreError, Settings};

/// The broker, for one attempt or clean-up.
pub(crate) struct Broker {
    url: String,
    client_id: String,
    /// None only where a certificate is shown: whether that is enough the broker says.
    key: Option<Box<dyn Signer>>,
    wire: Arc<Wire>,
}

/// What it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Message {
    Exchange,
    Revoke,
    /// Whether it knows this computer.
    Workstation,
}

/// Why the broker did not pass on an answer of the provider's.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BrokerError {
    #[error("broker: {0}")]
    Assertion(#[from] AssertionError),
    #[error("broker: {0}")]
    Wire(#[from] WireError),
    #[error("broker: refused with {code}")]
    Refused {
        status: u16,
        code: OAuthError,
        /// What the broker took for the time.
        date: Option<Time>,
    },
    #[error("broker: refused with {code}, and {difference}")]
    ClockWrong {
        code: OAuthError,
        difference: ClockDifference,
    },
}

impl Broker {
    /// The broker of the settings; none when this computer has neither a key nor a certificate for
    /// it.
    pub(crate) async fn load<E>(
        settings: &Settings,
        workstation: &Credentials,
        wire: &BrokerWire,
        now: Time,
    ) -> Result<Option<Self>, E>
    where
        E: From<CertificateError> + From<KeystoreError>,
    {
        let key = workstation.signing_key(WORKSTATION_ALG).await?;
        if key.is_none() && !wire.shows_certificate() {
            return Ok(None);
        }
        Ok(Some(Self {
            url: address(settings).to_owned(),
            client_id: settings.client_id.clone(),
            key,
            wire: wire.now(now).await?,
        }))
    }

    /// A broker that a test plays.
    #[cfg(test)]
    pub(crate) fn played(url: &str, key: Box<dyn Signer>, wire: Wire) -> Self {
        Self {
            url: url.to_owned(),
            client_id: "test-client".to_owned(),
            key: Some(key),
            wire: Arc::new(wire),
        }
    }

    /// The provider's own answer.
    pub(crate) async fn ask(
        &self,
        message: Message,
        fields: &[(&str, &str)],
        now: Time,
    ) -> Result<Answer, BrokerError> {
        let address = format!("{}{}", self.url, message.path());
        let ours = [("client_id", self.client_id.as_str())];
        let form = Form::of(fields.iter().copied().chain(ours));
        let assertion = match &self.key {
            Some(key) => {
                let body = form.as_bytes();
                Some(workstation_assertion(key.as_ref(), &address, body, now).await?)
            }
            None => None,
        };
        let beside = assertion.as_ref().map(Beside::WorkstationAssertion);
        let answer = self.wire.submit(&address, form, beside).await?;

        /// An answer of the provider's has no code.
        #[derive(Deserialize)]
        struct Problem {
            code: String,
        }
        if answer.status.is_success() {
            return Ok(answer);
        }
        match answer.json() {
            Ok(Problem { code }) => Err(BrokerError::Refused {
                status: answer.status.as_u16(),
                code: OAuthError::new(&code),
                date: answer.date,
            }),
            Err(_) => Ok(answer),
        }
    }
}

/// Makes the connection to the broker before somebody waits for it. Any answer will do.
pub(crate) async fn reach_early(
    settings: &Settings,
    wire: &BrokerWire,
    now: Time,
) -> Result<(), NotReached> {
    let wire = wire.now(now).await?;
    let health = format!("{}/health", address(settings));
    match wire.fetch(&health, None).await {
        Ok(_) | Err(WireError::Redirected(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Why there is no connection yet.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotReached {
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    #[error("broker: {0}")]
    Wire(#[from] WireError),
}

fn address(settings: &Settings) -> &str {
    settings.broker_url.trim_end_matches('/')
}

impl Message {
    fn path(self) -> &'static str {
        match self {
            Self::Exchange => "/v1/exchange",
            Self::Revoke => "/v1/revoke",
            Self::Workstation => "/v1/workstation",
        }
    }
}

impl BrokerError {
    /// The same, with how far the clocks are apart where that is the reason; `now` is when the answer
    /// came.
    pub(crate) fn by_the_clocks(self, now: Time) -> Self {
        if let Self::Refused {
            status,
            code,
            date: Some(date),
        } = &self
            && Self::code_of_refusal(*status, code) == FailureCode::ClockWrong
        {
            let difference = ClockDifference::to_broker(now, *date);
            let code = code.clone();
            return Self::ClockWrong { code, difference };
        }
        self
    }

    /// What the user is told, but for the wire, which has a map of its own.
    pub(crate) fn code_of_refusal(status: u16, code: &OAuthError) -> FailureCode {
        match (code.name(), status) {
            ("assertion_expired" | "assertion_not_yet_valid", _) => FailureCode::ClockWrong,
            (_, 429 | 500..=599) => FailureCode::ProviderUnreachable,
            _ => FailureCode::ProviderRejectedClient,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::ExchangeError;
    use crate::failure::LoginError;

    #[test]
    fn what_the_broker_refuses_is_told_by_what_can_be_done() {
        for (code, status, told) in [
            (
                "workstation_unknown",
                403,
                FailureCode::ProviderRejectedClient,
            ),
            (
                "redirect_not_allowed",
                400,
                FailureCode::ProviderRejectedClient,
            ),
            ("assertion_used", 401, FailureCode::ProviderRejectedClient),
            ("assertion_expired", 401, FailureCode::ClockWrong),
            ("assertion_not_yet_valid", 401, FailureCode::ClockWrong),
            ("rate_limited", 429, FailureCode::ProviderUnreachable),
            (
                "provider_unreachable",
                502,
                FailureCode::ProviderUnreachable,
            ),
            ("busy", 503, FailureCode::ProviderUnreachable),
        ] {
            let code = OAuthError::new(code);
            assert_eq!(BrokerError::code_of_refusal(status, &code), told, "{code}");
        }
    }

    #[test]
    fn a_clock_that_the_broker_does_not_accept_is_told_with_the_difference() {
        let now = Time::from_unix(1_760_000_000).unwrap();
        let date = Some(Time::from_unix(1_760_000_600).unwrap());
        let failure = |code: &str, date| {
            let (status, code) = (401, OAuthError::new(code));
            let refused = BrokerError::Refused { status, code, date };
            let error = ExchangeError::Broker(refused.by_the_clocks(now));
            LoginError::Exchange(error).failure()
        };
        let told = failure("assertion_expired", date);
        assert_eq!(told.code, FailureCode::ClockWrong);
        let says = "the clock of this computer is 10 min 0 s behind the broker's";
        assert!(told.remedy.contains(says), "{}", told.remedy);
        assert!(told.remedy.contains("assertion_expired"), "{}", told.remedy);
        let not_told = failure("assertion_expired", None);
        assert_eq!(not_told.code, FailureCode::ClockWrong);
        let another = failure("assertion_used", date);
        assert_eq!(another.code, FailureCode::ProviderRejectedClient);
        assert!(!another.remedy.contains("behind"), "{}", another.remedy);
    }
}
