//! The broker's own refusals (`application/problem+json`, RFC 9457), as the specification lists
//! them. They say nothing of the request.

use http::StatusCode;
use http::header::{HeaderValue, RETRY_AFTER};
use serde_json::json;

use crate::answer::{self, Answer};

/// Why a request was refused, or came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    BadRequest,
    RedirectNotAllowed,
    ClientNotAllowed,
    GrantNotAllowed,
    VerifierMissing,
    AssertionMissing,
    AssertionMalformed,
    AssertionSignature,
    AssertionAudience,
    AssertionLifetime,
    AssertionExpired,
    AssertionNotYetValid,
    AssertionBody,
    AssertionUsed,
    CertificateMissing,
    CertificateRefused,
    CertificatesUnchecked,
    WorkstationUnknown,
    NotFound,
    NoRevocation,
    MethodNotAllowed,
    BodyTooLarge,
    RateLimited,
    ProviderUnreachable,
    ProviderAnswerInvalid,
    CredentialFailed,
    Busy,
    Stopping,
    ProviderTimedOut,
}

impl Problem {
    /// The code, its status, and what it means.
    fn parts(self) -> (&'static str, u16, &'static str) {
        match self {
            Self::BadRequest => ("bad_request", 400, "The form is not as specified"),
            Self::RedirectNotAllowed => {
                let title = "The redirect address is not on the broker's list";
                ("redirect_not_allowed", 400, title)
            }
            Self::ClientNotAllowed => {
                let title = "The client id is not the broker's";
                ("client_not_allowed", 400, title)
            }
            Self::GrantNotAllowed => ("grant_not_allowed", 400, "Only codes are exchanged"),
            Self::VerifierMissing => ("verifier_missing", 400, "There is no code_verifier"),
            Self::AssertionMissing => ("assertion_missing", 401, "There is no assertion"),
            Self::AssertionMalformed => (
                "assertion_malformed",
                401,
                "The assertion is not as specified",
            ),
            Self::AssertionSignature => (
                "assertion_signature",
                401,
                "The assertion's signature is wrong",
            ),
            Self::AssertionAudience => (
                "assertion_audience",
                401,
                "The assertion is for another address",
            ),
            Self::AssertionLifetime => (
                "assertion_lifetime",
                401,
                "The assertion is good for too long",
            ),
            Self::AssertionExpired => ("assertion_expired", 401, "The assertion is too old"),
            Self::AssertionNotYetValid => (
                "assertion_not_yet_valid",
                401,
                "The assertion is of the future",
            ),
            Self::AssertionBody => ("assertion_body", 401, "The assertion is for another body"),
            Self::AssertionUsed => ("assertion_used", 401, "The assertion has been used"),
            Self::CertificateMissing => {
                ("certificate_missing", 401, "There is no client certificate")
            }
            Self::CertificateRefused => (
                "certificate_refused",
                401,
                "The client certificate is not accepted any more",
            ),
            Self::CertificatesUnchecked => (
                "certificates_unchecked",
                503,
                "The broker cannot check client certificates",
            ),
            Self::WorkstationUnknown => (
                "workstation_unknown",
                403,
                "The workstation is not approved",
            ),
            Self::NotFound => ("not_found", 404, "There is nothing here"),
            Self::NoRevocation => ("no_revocation", 404, "The provider revokes no tokens"),
            Self::MethodNotAllowed => ("method_not_allowed", 405, "Not by this method"),
            Self::BodyTooLarge => ("body_too_large", 413, "The body is too large"),
            Self::RateLimited => ("rate_limited", 429, "Too many requests of this workstation"),
            Self::ProviderUnreachable => (
                "provider_unreachable",
                502,
                "The provider cannot be reached",
            ),
            Self::ProviderAnswerInvalid => (
                "provider_answer_invalid",
                502,
                "The provider's answer is of no use",
            ),
            Self::CredentialFailed => (
                "credential_failed",
                502,
                "The broker's credential does not work",
            ),
            Self::Busy => ("busy", 503, "The broker is busy"),
            Self::Stopping => ("stopping", 503, "The broker is stopping"),
            Self::ProviderTimedOut => (
                "provider_timed_out",
                504,
                "The provider did not answer in time",
            ),
        }
    }

    /// The code, as it is logged, counted and answered.
    pub(crate) fn code(self) -> &'static str {
        self.parts().0
    }

    pub(crate) fn answer(self) -> Answer {
        let (code, status, title) = self.parts();
        let text = json!({"status": status, "title": title, "code": code}).to_string();
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut answer = answer::text(status, "application/problem+json", text);
        if matches!(
            self,
            Self::RateLimited | Self::CertificatesUnchecked | Self::Busy | Self::Stopping
        ) {
            let seconds = HeaderValue::from_static("5");
            answer.headers_mut().insert(RETRY_AFTER, seconds);
        }
        answer
    }
}
