//! How the simulated CIS2 can misbehave. Any number of faults can be on at once.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One way to misbehave.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// In the discovery document.
    Discovery(DiscoveryFault),
    /// In the redirect back to the relying party.
    Callback(CallbackFault),
    /// In the ID token.
    IdToken(IdTokenFault),
    /// In what UserInfo says.
    UserInfo(UserInfoFault),
    /// In how an endpoint answers, whatever it says.
    Answer(Endpoint, AnswerFault),
}

/// What can be wrong with the discovery document.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DiscoveryFault {
    /// `issuer` has a slash more than the address it was asked at.
    IssuerDiffersByOneByte,
    /// `token_endpoint` is on another host, over plain http.
    EndpointNotLoopback,
}

/// What can be wrong with the redirect back.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CallbackFault {
    /// The user is refused: `error=access_denied` instead of a code.
    AccessDenied,
    /// `state` is another.
    WrongState,
    /// `iss` names another issuer.
    WrongIssuer,
    /// `iss` is absent, although discovery announces it (RFC 9207).
    NoIssuer,
}

/// What can be wrong with the ID token.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum IdTokenFault {
    /// `iss` is the issuer with a slash more.
    WrongIssuer,
    /// `aud` is another client.
    WrongAudience,
    /// `aud` is ours and another client.
    SecondAudience,
    /// `azp` is another client.
    WrongAuthorisedParty,
    /// `nonce` is another.
    WrongNonce,
    /// `at_hash` belongs to another access token.
    WrongAccessTokenHash,
    /// `c_hash` belongs to another code.
    WrongCodeHash,
    /// `exp` is ten minutes ago.
    Expired,
    /// `iat` is ten minutes ahead.
    IssuedInTheFuture,
    /// `auth_time` is ten minutes ago.
    AuthTimeStale,
    /// `auth_time` is two minutes before the authorize request: fresh enough for `max_age`, but
    /// not of this attempt.
    AuthTimeBeforeAttempt,
    /// `authentication_assurance_level` is "2".
    LowAuthenticationAssurance,
    /// `id_assurance_level` is "1".
    LowIdentityAssurance,
    /// `amr` is `["pwd"]`.
    NoSmartcard,
    /// This claim is absent.
    Without(String),
    /// This claim has this value.
    With(String, Value),
    /// Not signed: `alg` none (RFC 7515, appendix A.5).
    AlgNone,
    /// HS256 with our public key as the secret.
    HmacWithPublicKey,
    /// Signed by another key than the one that `kid` names.
    BadSignature,
    /// `kid` names no key.
    UnknownKeyId,
}

/// What can be wrong with UserInfo.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum UserInfoFault {
    /// `sub` is somebody else.
    SubjectDiffers,
    /// This claim is absent.
    Without(String),
    /// This claim has this value.
    With(String, Value),
}

/// What can be wrong with an answer.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerFault {
    /// A redirect that keeps method and body, to an address that answers as it should.
    Redirects,
    /// 500 with AM's error page.
    ServerError,
    /// Good headers, half of the JSON.
    Truncated,
    /// 100 MB, streamed without a length.
    Huge,
    /// No answer at all.
    Hangs,
    /// Headers and half of the JSON, then silence.
    HangsHalfway,
    /// The right JSON as text/html.
    WrongContentType,
}

/// Where the simulated CIS2 can be asked.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Endpoint {
    /// `/.well-known/openid-configuration`.
    Discovery,
    /// `/connect/jwk_uri`.
    Jwks,
    /// `/authorize`, in the browser.
    Authorize,
    /// `/access_token`.
    Token,
    /// `/userinfo`.
    UserInfo,
    /// `/token/revoke`.
    Revocation,
    /// `/connect/endSession`.
    EndSession,
}

impl Endpoint {
    /// Every endpoint.
    pub const ALL: [Self; 7] = [
        Self::Discovery,
        Self::Jwks,
        Self::Authorize,
        Self::Token,
        Self::UserInfo,
        Self::Revocation,
        Self::EndSession,
    ];

    /// Its path after the issuer (cis2.md 1.2).
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Discovery => "/.well-known/openid-configuration",
            Self::Jwks => "/connect/jwk_uri",
            Self::Authorize => "/authorize",
            Self::Token => "/access_token",
            Self::UserInfo => "/userinfo",
            Self::Revocation => "/token/revoke",
            Self::EndSession => "/connect/endSession",
        }
    }

    pub(super) fn at(path: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|endpoint| endpoint.path() == path)
    }
}
