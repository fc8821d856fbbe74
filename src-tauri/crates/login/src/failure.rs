//! Every way in which an attempt can fail, and the one map to what the user is told.

use cardea_session::{Failure, FailureCode};

use crate::KeystoreError;
use crate::broker::BrokerError;
use crate::client_certificate::CertificateError;
use crate::discovery::DiscoveryError;
use crate::exchange::ExchangeError;
use crate::id_token::CheckError;
use crate::oauth_error::OAuthError;
use crate::secret::NoRandomness;
use crate::userinfo::UserInfoError;
use crate::wire::WireError;

/// Why an attempt failed. Holds nothing personal or secret.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoginError {
    #[error("stopped")]
    Stopped(FailureCode),
    #[error("the limit has passed")]
    TimedOut,
    #[error("no redirect port became free")]
    PortsTaken,
    #[error("[cis2] {0} is not set")]
    NotSet(&'static str),
    #[error("there is no client credential")]
    NoCredential,
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    #[error(transparent)]
    Keystore(#[from] KeystoreError),
    #[error(transparent)]
    Discovery(#[from] DiscoveryError),
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    #[error("the redirect address fell silent")]
    ListenerGone,
    #[error("the provider refused: {0}")]
    Refused(OAuthError),
    #[error("iss of the redirect is not the issuer")]
    WrongIssuer,
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    #[error("keys of the provider: {0}")]
    Keys(#[source] WireError),
    #[error("ID token: {0}")]
    Check(#[from] CheckError),
    #[error(transparent)]
    UserInfo(#[from] UserInfoError),
}

impl LoginError {
    /// What the user and the help desk are told.
    pub(crate) fn failure(&self) -> Failure {
        match self {
            Self::Stopped(why) => (*why).into(),
            Self::TimedOut => FailureCode::LoginTimedOut.into(),
            Self::PortsTaken | Self::ListenerGone => FailureCode::RedirectPortBusy.into(),
            Self::NotSet(_) => Failure::with_detail(FailureCode::ConfigInvalid, self),
            Self::NoCredential => FailureCode::ClientCredentialMissing.into(),
            Self::Certificate(error) => {
                Failure::with_detail(FailureCode::ClientCredentialMissing, error)
            }
            Self::Keystore(error) => Failure::with_detail(FailureCode::KeystoreUnavailable, error),
            Self::NoRandomness(error) => {
                Failure::with_detail(FailureCode::KeystoreUnavailable, error)
            }
            Self::Discovery(error) => Failure::with_detail(of_discovery(error), error),
            Self::Refused(error) => Failure::with_detail(of_authorization(error), error),
            Self::WrongIssuer => Failure::with_detail(FailureCode::ProviderResponseInvalid, self),
            Self::Exchange(error) => Failure::with_detail(of_exchange(error), error),
            Self::Keys(error) => Failure::with_detail(of_wire(error), self),
            Self::Check(error) => Failure::with_detail(of_check(error), error),
            Self::UserInfo(error) => Failure::with_detail(of_userinfo(error), error),
        }
    }
}

pub(crate) fn of_wire(error: &WireError) -> FailureCode {
    match error {
        WireError::Setup(_)
        | WireError::Thread(_)
        | WireError::ProxyAuthentication
        | WireError::Certificate(_)
        | WireError::Unreachable(_) => FailureCode::ProviderUnreachable,
        WireError::CertificateRefused => FailureCode::ProviderRejectedClient,
        // A gateway in front of a provider that is down.
        WireError::Status(502..=504) => FailureCode::ProviderUnreachable,
        WireError::BrokenOff(_)
        | WireError::TooLarge
        | WireError::Redirected(_)
        | WireError::Status(_)
        | WireError::NotJson { .. }
        | WireError::UnusableToken => FailureCode::ProviderResponseInvalid,
    }
}

pub(crate) fn of_discovery(error: &DiscoveryError) -> FailureCode {
    match error {
        DiscoveryError::IssuerNotAllowed => FailureCode::ConfigInvalid,
        DiscoveryError::Wire(error) => of_wire(error),
        DiscoveryError::OtherIssuer | DiscoveryError::EndpointNotAllowed(_) => {
            FailureCode::ProviderResponseInvalid
        }
    }
}

/// RFC 6749, section 4.1.2.1; anything that is not about the client or an outage is a refusal.
fn of_authorization(error: &OAuthError) -> FailureCode {
    match error.name() {
        "unauthorized_client" | "invalid_client" => FailureCode::ProviderRejectedClient,
        "server_error" | "temporarily_unavailable" => FailureCode::ProviderUnreachable,
        _ => FailureCode::LoginRefused,
    }
}

fn of_exchange(error: &ExchangeError) -> FailureCode {
    match error {
        ExchangeError::Assertion(_) => FailureCode::KeystoreUnavailable,
        ExchangeError::Broker(BrokerError::Assertion(_)) => FailureCode::KeystoreUnavailable,
        ExchangeError::Broker(BrokerError::Wire(error)) | ExchangeError::Wire(error) => {
            of_wire(error)
        }
        ExchangeError::Broker(BrokerError::Refused { status, code, .. }) => {
            BrokerError::code_of_refusal(*status, code)
        }
        ExchangeError::Broker(BrokerError::ClockWrong { .. }) => FailureCode::ClockWrong,
        ExchangeError::Refused { error } => of_authorization(error),
        ExchangeError::ClockWrong(_) => FailureCode::ClockWrong,
        ExchangeError::ClientRefused => FailureCode::ProviderRejectedClient,
        ExchangeError::Missing(_) | ExchangeError::TokenType => {
            FailureCode::ProviderResponseInvalid
        }
    }
}

fn of_userinfo(error: &UserInfoError) -> FailureCode {
    match error {
        UserInfoError::Wire(error) | UserInfoError::Keys(error) => of_wire(error),
        UserInfoError::Check(error) => of_check(error),
    }
}

fn of_check(error: &CheckError) -> FailureCode {
    match error {
        CheckError::ClockWrong(_) => FailureCode::ClockWrong,
        CheckError::AuthenticationAssurance { .. } | CheckError::IdentityAssurance { .. } => {
            FailureCode::AssuranceTooLow
        }
        CheckError::NoSmartcard(_) => FailureCode::SmartcardRequired,
        CheckError::Malformed
        | CheckError::AlgorithmNotAllowed
        | CheckError::CriticalHeader
        | CheckError::UnknownKey
        | CheckError::Signature
        | CheckError::Missing(_)
        | CheckError::Issuer
        | CheckError::Audience
        | CheckError::ForeignAudience
        | CheckError::AuthorizedParty
        | CheckError::Expired
        | CheckError::IssuedInFuture
        | CheckError::NotYetValid
        | CheckError::Nonce
        | CheckError::AccessTokenHash
        | CheckError::CodeHash
        | CheckError::AuthenticatedBefore
        | CheckError::AuthenticatedLongAgo
        | CheckError::AuthenticatedInFuture
        | CheckError::OtherSubject => FailureCode::ProviderResponseInvalid,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_provider_calls_an_error_decides_what_the_user_is_told() {
        for (name, code) in [
            ("access_denied", FailureCode::LoginRefused),
            ("login_required", FailureCode::LoginRefused),
            ("invalid_grant", FailureCode::LoginRefused),
            ("unauthorized_client", FailureCode::ProviderRejectedClient),
            ("invalid_client", FailureCode::ProviderRejectedClient),
            ("server_error", FailureCode::ProviderUnreachable),
        ] {
            assert_eq!(of_authorization(&OAuthError::new(name)), code, "{name}");
        }
    }

    #[test]
    fn the_remedy_names_the_check_and_what_came() {
        let low = CheckError::AuthenticationAssurance {
            came: Some(2),
            wanted: 3,
        };
        let failure = LoginError::Check(low).failure();
        assert_eq!(failure.code, FailureCode::AssuranceTooLow);
        assert!(
            failure
                .remedy
                .contains("authentication_assurance_level is 2, wanted 3")
        );
        let failure = LoginError::Check(CheckError::Nonce).failure();
        assert_eq!(failure.code, FailureCode::ProviderResponseInvalid);
        assert!(failure.remedy.contains("nonce"));
    }
}
