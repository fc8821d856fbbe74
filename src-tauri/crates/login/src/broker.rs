//! The broker, as this computer sees it (`src-tauri/docs/broker.md`): adds the client credential to
//! the two messages that need it, and gets them signed by this computer's own key.

use std::sync::Arc;

use cardea_session::{FailureCode, Time};
use serde::Deserialize;
use url::form_urlencoded::Serializer;
use zeroize::Zeroizing;

use crate::assertion::{AssertionError, workstation_assertion};
use crate::keystore::Signer;
use crate::oauth_error::OAuthError;
use crate::wire::{Answer, Wire, WireError};
use crate::{AssertionAlg, Credentials, KeystoreError, Settings};

/// What a workstation's key signs by.
const ALG: AssertionAlg = AssertionAlg::Es256;

/// The broker, for one attempt or clean-up.
pub(crate) struct Broker {
    url: String,
    client_id: String,
    key: Box<dyn Signer>,
    wire: Arc<Wire>,
}

/// What it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Message {
    Exchange,
    Revoke,
}

/// Why the broker did not pass on an answer of the provider's.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BrokerError {
    #[error("broker: {0}")]
    Assertion(#[from] AssertionError),
    #[error("broker: {0}")]
    Wire(#[from] WireError),
    #[error("broker: refused with {code}")]
    Refused { status: u16, code: OAuthError },
}

impl Broker {
    /// The broker of the settings; none when this computer has no key for it.
    pub(crate) async fn load(
        settings: &Settings,
        workstation: &Credentials,
        wire: &Arc<Wire>,
    ) -> Result<Option<Self>, KeystoreError> {
        let key = workstation.signing_key(ALG).await?;
        Ok(key.map(|key| Self {
            url: settings.broker_url.trim_end_matches('/').to_owned(),
            client_id: settings.client_id.clone(),
            key,
            wire: Arc::clone(wire),
        }))
    }

    /// The provider's own answer.
    pub(crate) async fn ask(
        &self,
        message: Message,
        fields: &[(&str, &str)],
        now: Time,
    ) -> Result<Answer, BrokerError> {
        let address = format!("{}{}", self.url, message.path());
        let body = self.form(fields);
        let key = self.key.as_ref();
        let assertion = workstation_assertion(key, &address, body.as_bytes(), now).await?;
        let answer = self.wire.submit_signed(&address, &body, &assertion).await?;

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
            }),
            Err(_) => Ok(answer),
        }
    }

    /// In memory that is wiped, in one piece: a string that grows leaves copies behind.
    fn form(&self, fields: &[(&str, &str)]) -> Zeroizing<String> {
        let fields = fields.iter().copied();
        let fields = fields.chain([("client_id", self.client_id.as_str())]);
        let most = fields
            .clone()
            .map(|(name, value)| name.len() + 3 * value.len() + 2);
        let mut form = Serializer::new(String::with_capacity(most.sum()));
        Zeroizing::new(form.extend_pairs(fields).finish())
    }
}

impl Message {
    fn path(self) -> &'static str {
        match self {
            Self::Exchange => "/v1/exchange",
            Self::Revoke => "/v1/revoke",
        }
    }
}

impl BrokerError {
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
}
