//! Problems as the agent tells them (RFC 9457; contract, section 4.7).

use std::fmt;
use std::time::Duration;

use cardea_session::FailureCode;
use serde::Deserialize;

macro_rules! problem_codes {
    ($( $(#[$doc:meta])* $variant:ident, $code:literal; )*) => {
        /// Names a problem. The names are public.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ProblemCode {
            $( $(#[$doc])* $variant, )*
            /// One of the agent's failures.
            Failure(FailureCode),
            /// A code that a newer agent gives and this program does not know.
            Unknown,
        }

        impl ProblemCode {
            /// The code with this public name.
            #[must_use]
            pub fn named(name: &str) -> Self {
                match name {
                    $($code => Self::$variant,)*
                    _ => FailureCode::ALL
                        .iter()
                        .find(|code| code.as_str() == name)
                        .map_or(Self::Unknown, |&code| Self::Failure(code)),
                }
            }

            /// The public name.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)*
                    Self::Failure(code) => code.as_str(),
                    Self::Unknown => "unknown",
                }
            }
        }
    };
}

problem_codes! {
    /// The request is not one.
    BadRequest, "bad_request";
    /// No token came.
    TokenMissing, "token_missing";
    /// The token is nobody's.
    TokenInvalid, "token_invalid";
    /// The token was taken back.
    TokenRevoked, "token_revoked";
    /// The program may not do this.
    ScopeMissing, "scope_missing";
    /// The program does not call from where it said it would.
    OriginNotAllowed, "origin_not_allowed";
    /// There is no such thing.
    NotFound, "not_found";
    /// Too often.
    RateLimited, "rate_limited";
    /// Too many at once.
    TooManyConnections, "too_many_connections";
    /// Somebody is signed in already.
    AlreadySignedIn, "already_signed_in";
    /// Nobody is signed in.
    NoSession, "no_session";
    /// Another session than the one named is running.
    SessionMismatch, "session_mismatch";
    /// The ID token has expired.
    TokenExpired, "token_expired";
    /// Programs cannot be paired on this computer.
    PairingOff, "pairing_off";
    /// The user said no.
    PairingDeclined, "pairing_declined";
    /// Nobody answered in time, or it was taken already.
    PairingExpired, "pairing_expired";
    /// Another pairing is waiting.
    PairingBusy, "pairing_busy";
    /// That is not the code that the program shows.
    PairingCodeWrong, "pairing_code_wrong";
    /// There is a program of this id already.
    AppExists, "app_exists";
    /// The settings allow this program.
    AppManaged, "app_managed";
    /// There is no room for another program.
    TooManyApps, "too_many_apps";
    /// The list of programs cannot be written.
    AppsNotSaved, "apps_not_saved";
    /// The agent did not answer in time.
    AgentBusy, "agent_busy";
    /// Something went wrong inside the agent.
    InternalError, "internal_error";
}

impl fmt::Display for ProblemCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The agent's answer to a request that it did not carry out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} [{code}]", .detail.trim_end_matches('.'))]
pub struct Problem {
    /// The HTTP status.
    pub status: u16,
    /// Which problem.
    pub code: ProblemCode,
    /// What happened.
    pub detail: String,
    /// What to do about it.
    pub remedy: Option<String>,
    /// When to ask again, where the agent says so.
    pub retry_after: Option<Duration>,
}

#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    detail: Option<String>,
    code: String,
    #[serde(default)]
    remedy: Option<String>,
}

impl Problem {
    /// Reads a problem document; none when it is not one.
    pub(crate) fn read(status: u16, retry_after: Option<Duration>, body: &[u8]) -> Option<Self> {
        let document: Document = serde_json::from_slice(body).ok()?;
        let code = ProblemCode::named(&document.code);
        let detail = document.detail.or(document.title);
        Some(Self {
            status,
            code,
            detail: detail.unwrap_or(document.code),
            remedy: document.remedy,
            retry_after,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_document_becomes_a_typed_problem() {
        let body = br#"{"type":"about:blank","title":"Conflict","status":409,
            "detail":"Somebody is signed in already.","code":"already_signed_in",
            "remedy":"Sign out first."}"#;
        let problem = Problem::read(409, None, body).unwrap();
        assert_eq!(problem.code, ProblemCode::AlreadySignedIn);
        assert_eq!(
            problem.to_string(),
            "Somebody is signed in already [already_signed_in]"
        );
        assert_eq!(problem.remedy.as_deref(), Some("Sign out first."));
    }

    #[test]
    fn the_agents_failures_are_codes_too_and_new_ones_are_unknown() {
        assert_eq!(
            ProblemCode::named("card_not_recognised"),
            ProblemCode::Failure(FailureCode::CardNotRecognised)
        );
        assert_eq!(ProblemCode::named("quantum"), ProblemCode::Unknown);
        let problem = Problem::read(418, None, br#"{"code":"quantum"}"#).unwrap();
        assert_eq!(problem.detail, "quantum");
    }

    #[test]
    fn a_body_that_is_no_document_is_no_problem() {
        assert_eq!(Problem::read(403, None, b""), None);
        assert_eq!(Problem::read(500, None, b"<html>"), None);
    }
}
