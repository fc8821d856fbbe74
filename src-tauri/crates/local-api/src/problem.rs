//! Problem documents (RFC 9457; contract, section 4.7). The one place for their texts.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use cardea_session::{FailureCode, Refusal};
use serde::Serialize;
use utoipa::ToSchema;

macro_rules! codes {
    ($( $(#[$doc:meta])* $variant:ident, $code:literal, $status:ident, $title:literal, $remedy:literal; )*) => {
        /// Names a problem of a call. The names are public.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Code { $( $(#[$doc])* $variant, )* }

        impl Code {
            /// Every one of them.
            #[cfg(test)]
            pub(crate) const ALL: &'static [Self] = &[$(Self::$variant,)*];

            pub(crate) fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status,)* }
            }

            fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }

            fn remedy(self) -> &'static str {
                match self { $(Self::$variant => $remedy,)* }
            }
        }
    };
}

codes! {
    /// The call cannot be understood.
    BadRequest, "bad_request", BAD_REQUEST,
        "The call is not as it must be.",
        "Compare the call with /v1/openapi.json.";
    /// No token came.
    TokenMissing, "token_missing", UNAUTHORIZED,
        "The call has no token.",
        "Send \"Authorization: Bearer\" with the program's token.";
    /// The token belongs to no program.
    TokenInvalid, "token_invalid", UNAUTHORIZED,
        "The token belongs to no program.",
        "Check the program's token against [api] apps: token_sha256 is the SHA-256 of the token.";
    /// The program lost its permission.
    TokenRevoked, "token_revoked", UNAUTHORIZED,
        "The program is not allowed to call any more.",
        "Ask the person who looks after this computer to allow the program again.";
    /// The program may not do this.
    ScopeMissing, "scope_missing", FORBIDDEN,
        "The program may not do this.",
        "Add the scope to the program's entry in [api] apps.";
    /// The program may not be called from this web page, or from outside a web page.
    OriginNotAllowed, "origin_not_allowed", FORBIDDEN,
        "The token does not belong to this origin.",
        "Name every web origin of the program in its entry in [api] apps; leave origins empty for a program that is no web page.";
    /// There is no such thing.
    NotFound, "not_found", NOT_FOUND,
        "There is no such thing.",
        "Compare the call with /v1/openapi.json.";
    /// Too often.
    RateLimited, "rate_limited", TOO_MANY_REQUESTS,
        "Too many calls.",
        "Wait as long as Retry-After says.";
    /// Too many at once.
    TooManyConnections, "too_many_connections", SERVICE_UNAVAILABLE,
        "The program has too many connections open.",
        "Let the program share one event stream, and close connections it does not use.";
    /// Somebody is signed in.
    AlreadySignedIn, "already_signed_in", CONFLICT,
        "Somebody is signed in already.",
        "Ask for reauthenticate or change_role, or sign out first.";
    /// Nobody is signed in.
    NoSession, "no_session", CONFLICT,
        "Nobody is signed in.",
        "Sign in first.";
    /// Another session is running.
    SessionMismatch, "session_mismatch", CONFLICT,
        "Another session than the one named is running.",
        "Read the session again.";
    /// The ID token is good for nothing any more.
    TokenExpired, "token_expired", CONFLICT,
        "The ID token of the session has expired.",
        "Ask for a login with reauthenticate, which brings a new one.";
    /// Programs cannot ask to be let in here.
    PairingOff, "pairing_off", FORBIDDEN,
        "Programs cannot ask to be let in on this computer.",
        "Ask the person who looks after this computer to allow the program in [api] apps.";
    /// The user said no.
    PairingDeclined, "pairing_declined", FORBIDDEN,
        "The user did not let the program in.",
        "Ask again only when the user wants it.";
    /// The time is over, the guesses are, or it was fetched already.
    PairingExpired, "pairing_expired", GONE,
        "The pairing is over.",
        "Ask to be let in again, and type the code within two minutes.";
    /// Others wait already.
    PairingBusy, "pairing_busy", TOO_MANY_REQUESTS,
        "Too many programs are asking to be let in.",
        "Answer or decline those that wait: \"cardea apps list\" shows them. Then try again.";
    /// Not what the program shows.
    PairingCodeWrong, "pairing_code_wrong", FORBIDDEN,
        "That is not the code that the program shows.",
        "Type the six digits that the program shows now.";
    /// Two programs of one name.
    AppExists, "app_exists", CONFLICT,
        "There is a program of this id already.",
        "Choose another id, or revoke the one that is there.";
    /// The settings say so.
    AppManaged, "app_managed", CONFLICT,
        "The settings allow this program.",
        "Remove it from [api] apps in the policy or settings file.";
    /// There is no room.
    TooManyApps, "too_many_apps", CONFLICT,
        "So many programs were let in that there is no room for another.",
        "Revoke programs that are not used: \"cardea apps list\" shows when each last called.";
    /// The disk.
    AppsNotSaved, "apps_not_saved", INTERNAL_SERVER_ERROR,
        "The list of programs cannot be written.",
        "See that the disk has room and that this user may write to the folder the log names.";
    /// The window is not installed.
    NoWindow, "no_window", CONFLICT,
        "Cardea's window is not installed on this computer.",
        "Install Cardea with its desktop part, or use the \"cardea\" program.";
    /// The window could not be started.
    WindowNotStarted, "window_not_started", CONFLICT,
        "Cardea's window could not be started.",
        "The log says why; \"cardea status\" shows what the window would.";
    /// One at a time.
    DoctorRunning, "doctor_running", CONFLICT,
        "The checks are running already.",
        "Wait until they are through; they take two minutes at the most.";
    /// What came ends nothing.
    LogoutTokenInvalid, "logout_token_invalid", BAD_REQUEST,
        "That is no logout token of this provider for this client.",
        "Send the provider's logout_token as it came, within five minutes and once; the log says which check it did not pass.";
    /// The desktop session is not the one in use.
    DesktopNotActive, "desktop_not_active", CONFLICT,
        "Nobody can sign in here while this desktop session is not the active one.",
        "Switch to this user's desktop session, then sign in.";
    /// The agent did not answer in time.
    AgentBusy, "agent_busy", SERVICE_UNAVAILABLE,
        "The agent did not answer in time.",
        "Try again. If it stays, restart Cardea and send its log to your supplier.";
    /// The agent gave an answer that does not fit.
    InternalError, "internal_error", INTERNAL_SERVER_ERROR,
        "Something went wrong inside Cardea.",
        "Send Cardea's log to your supplier.";
}

/// An answer that says what went wrong.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    code: &'static str,
    title: &'static str,
    remedy: &'static str,
    detail: Option<String>,
    retry_after: Option<Duration>,
}

impl Problem {
    /// Adds what is special about this case. Never anything that came from the caller unchecked.
    pub(crate) fn detail(self, detail: impl Into<String>) -> Self {
        Self {
            detail: Some(detail.into()),
            ..self
        }
    }

    /// Gives it another status than its code has.
    pub(crate) fn status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// Says when to try again.
    pub(crate) fn retry_after(self, wait: Duration) -> Self {
        Self {
            retry_after: Some(wait),
            ..self
        }
    }
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Self {
            status: code.status(),
            code: code.as_str(),
            title: code.title(),
            remedy: code.remedy(),
            detail: None,
            retry_after: None,
        }
    }
}

impl From<FailureCode> for Problem {
    fn from(code: FailureCode) -> Self {
        Self {
            status: StatusCode::CONFLICT,
            code: code.as_str(),
            title: code.message(),
            remedy: code.remedy(),
            detail: None,
            retry_after: None,
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::AlreadySignedIn => Code::AlreadySignedIn.into(),
            Refusal::NoSession => Code::NoSession.into(),
            Refusal::SessionMismatch => Code::SessionMismatch.into(),
            Refusal::TokenExpired => Code::TokenExpired.into(),
            Refusal::RateLimited { retry_after } => {
                Self::from(Code::RateLimited).retry_after(retry_after)
            }
            Refusal::CannotSignIn(code) => code.into(),
            Refusal::DesktopNotActive => Code::DesktopNotActive.into(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response<Body> {
        let document = ProblemDocument {
            r#type: format!("urn:cardea:problem:{}", self.code),
            title: self.title,
            status: self.status.as_u16(),
            detail: self.detail.as_deref().unwrap_or(self.title),
            code: self.code,
            remedy: self.remedy,
        };
        let body = serde_json::to_vec(&document).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(wait) = self.retry_after {
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        response
    }
}

/// What went wrong, as `application/problem+json` (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProblemDocument<'a> {
    /// A URN made of the code.
    r#type: String,
    /// What happened, the same for every problem of this code.
    title: &'a str,
    /// The HTTP status.
    status: u16,
    /// What happened this time.
    detail: &'a str,
    /// Names the problem; a code of a failure or of the list in the guide.
    code: &'a str,
    /// What to do.
    remedy: &'a str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_rounded_up_so_that_nobody_asks_too_early() {
        let refusal = Refusal::RateLimited {
            retry_after: Duration::from_millis(4_001),
        };
        let response = Problem::from(refusal).into_response();
        assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(response.headers()[header::RETRY_AFTER], "5");
    }

    #[test]
    fn a_refused_login_names_the_agents_own_code() {
        let problem = Problem::from(Refusal::CannotSignIn(FailureCode::CardNotRecognised));
        assert_eq!(problem.status, StatusCode::CONFLICT);
        assert_eq!(problem.code, "card_not_recognised");
    }
}
