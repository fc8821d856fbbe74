//! The checks of the claims. Each failure is a variant of its own.

use std::time::Duration;

use cardea_session::{LoginMode, PriorSession, Time};

use super::CheckError;
use super::claims::{Claims, Level, Moment, OneOrMany};
use super::jws::TokenAlg;
use crate::clock::ClockDifference;
use crate::evidence::Methods;
use crate::{Secret, Settings};

/// What an ID token has to fit.
pub(crate) struct Expected<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) nonce: &'a Secret,
    pub(crate) code: &'a Secret,
    pub(crate) access_token: &'a Secret,
    /// When the attempt started.
    pub(crate) started_at: Time,
    pub(crate) mode: LoginMode,
    pub(crate) prior: Option<&'a PriorSession>,
    pub(crate) answered: Answered,
}

/// When the token came, by both clocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answered {
    /// When we asked for it.
    pub(crate) asked_at: Time,
    /// When we had it.
    pub(crate) at: Time,
    /// What the provider took for the time when it answered.
    pub(crate) provider_date: Option<Time>,
}

/// What an ID token that passed every check says.
pub(crate) struct Verified {
    pub(crate) subject: String,
    pub(crate) sid: Option<String>,
    pub(crate) expires_at: Time,
    pub(crate) auth_time: Time,
    pub(crate) methods: Methods,
    pub(crate) smartcard: bool,
    pub(crate) authentication_assurance_level: u8,
    pub(crate) id_assurance_level: u8,
    pub(crate) selected_roleid: Option<String>,
}

#[cfg(any(test, feature = "fuzzing"))]
impl Verified {
    /// What the ID token of a smartcard sign-in at `time` says.
    pub(crate) fn made_of(subject: &str, selected_roleid: Option<&str>, time: Time) -> Self {
        Self {
            subject: subject.to_owned(),
            sid: None,
            expires_at: time,
            auth_time: time,
            methods: Methods {
                amr: Vec::new(),
                acr: None,
            },
            smartcard: true,
            authentication_assurance_level: 3,
            id_assurance_level: 3,
            selected_roleid: selected_roleid.map(str::to_owned),
        }
    }
}

/// Reads the signed payload `claims` of an ID token.
pub(crate) fn check(
    payload: Payload,
    alg: TokenAlg,
    expected: &Expected<'_>,
) -> Result<Verified, CheckError> {
    let Payload(claims) = payload;
    let settings = expected.settings;
    check_parties(&claims, settings)?;
    let subject = claims.sub.clone().filter(|subject| !subject.is_empty());
    let subject = subject.ok_or(CheckError::Missing("sub"))?;
    let expires_at = check_times(&claims, expected)?;
    check_binding(&claims, alg, expected)?;
    let auth_time = check_auth_time(&claims, &subject, expected)?;

    let methods = Methods {
        amr: claims.amr,
        acr: claims.acr,
    };
    let smartcard = methods.show_a_smartcard(settings);
    if settings.require_smartcard && !smartcard {
        return Err(CheckError::NoSmartcard(methods));
    }
    let came = claims.authentication_assurance_level;
    let wanted = settings.min_authentication_assurance;
    let authentication_assurance_level = enough(came, wanted)
        .map_err(|came| CheckError::AuthenticationAssurance { came, wanted })?;
    let came = claims.id_assurance_level.or(claims.idassurancelevel);
    let wanted = settings.min_identity_assurance;
    let id_assurance_level =
        enough(came, wanted).map_err(|came| CheckError::IdentityAssurance { came, wanted })?;

    Ok(Verified {
        subject,
        sid: claims.sid,
        expires_at,
        auth_time,
        methods,
        smartcard,
        authentication_assurance_level,
        id_assurance_level,
        selected_roleid: claims.selected_roleid.filter(|role| !role.is_empty()),
    })
}

/// The claims of a token with a good signature.
#[derive(serde::Deserialize)]
#[serde(transparent)]
pub(crate) struct Payload(Claims);

fn check_parties(claims: &Claims, settings: &Settings) -> Result<(), CheckError> {
    check_issuer_and_audience(claims.iss.as_deref(), claims.aud.as_ref(), settings)?;
    if claims
        .azp
        .as_ref()
        .is_some_and(|azp| *azp != settings.client_id)
    {
        return Err(CheckError::AuthorizedParty);
    }
    Ok(())
}

/// Whether a token is this provider's, byte for byte, and for us alone.
pub(crate) fn check_issuer_and_audience(
    issuer: Option<&str>,
    audience: Option<&OneOrMany>,
    settings: &Settings,
) -> Result<(), CheckError> {
    if issuer.ok_or(CheckError::Missing("iss"))? != settings.issuer {
        return Err(CheckError::Issuer);
    }
    let audience = audience.ok_or(CheckError::Missing("aud"))?.as_slice();
    if !audience.contains(&settings.client_id) {
        return Err(CheckError::Audience);
    }
    if audience.iter().any(|one| *one != settings.client_id) {
        return Err(CheckError::ForeignAudience);
    }
    Ok(())
}

fn check_times(claims: &Claims, expected: &Expected<'_>) -> Result<Time, CheckError> {
    let skew = expected.settings.clock_skew;
    let now = expected.answered.at;
    let Moment(expires_at) = claims.exp.ok_or(CheckError::Missing("exp"))?;
    let Moment(issued_at) = claims.iat.ok_or(CheckError::Missing("iat"))?;
    let or_clock = |error| expected.answered.blame(issued_at, skew, error);
    if issued_at > now.plus(skew) {
        return Err(or_clock(CheckError::IssuedInFuture));
    }
    if expires_at.plus(skew) <= now {
        return Err(or_clock(CheckError::Expired));
    }
    if claims.nbf.is_some_and(|Moment(from)| from > now.plus(skew)) {
        return Err(or_clock(CheckError::NotYetValid));
    }
    Ok(expires_at)
}

fn check_binding(
    claims: &Claims,
    alg: TokenAlg,
    expected: &Expected<'_>,
) -> Result<(), CheckError> {
    let nonce = claims
        .nonce
        .as_deref()
        .ok_or(CheckError::Missing("nonce"))?;
    if !expected.nonce.is(nonce) {
        return Err(CheckError::Nonce);
    }
    let fits = |hash: &Option<String>, secret: &Secret| {
        let is_hash_of = |hash: &String| *hash == alg.half_hash(secret.expose());
        hash.as_ref().is_none_or(is_hash_of)
    };
    if !fits(&claims.at_hash, expected.access_token) {
        return Err(CheckError::AccessTokenHash);
    }
    if !fits(&claims.c_hash, expected.code) {
        return Err(CheckError::CodeHash);
    }
    Ok(())
}

/// Rule 5: a sign-in that someone else did earlier in this browser never counts.
fn check_auth_time(
    claims: &Claims,
    subject: &str,
    expected: &Expected<'_>,
) -> Result<Time, CheckError> {
    let Settings {
        clock_skew: skew,
        max_age,
        ..
    } = *expected.settings;
    let Moment(auth_time) = claims.auth_time.ok_or(CheckError::Missing("auth_time"))?;
    let now = expected.answered.at;
    let or_clock = |error| match claims.iat {
        Some(Moment(issued_at)) => expected.answered.blame(issued_at, skew, error),
        None => error,
    };
    if auth_time > now.plus(skew) {
        return Err(or_clock(CheckError::AuthenticatedInFuture));
    }
    if expected.is_role_change_of(subject, auth_time) {
        return Ok(auth_time);
    }
    if auth_time < expected.started_at.minus(skew) {
        return Err(or_clock(CheckError::AuthenticatedBefore));
    }
    if auth_time.plus(max_age).plus(skew) < now {
        return Err(or_clock(CheckError::AuthenticatedLongAgo));
    }
    Ok(auth_time)
}

impl Expected<'_> {
    /// Whether the running session's own authentication is enough.
    fn is_role_change_of(&self, subject: &str, auth_time: Time) -> bool {
        let same = |prior: &PriorSession| prior.subject == subject && auth_time >= prior.auth_time;
        self.mode == LoginMode::ChangeRole && self.prior.is_some_and(same)
    }
}

impl Answered {
    /// What a time that does not fit means. The token was made for us just now, so an `iat` far
    /// from our time means that one of the clocks is wrong; it is not ours when the provider's own
    /// `Date` agrees with it, and then the token is at fault.
    fn blame(&self, issued_at: Time, skew: Duration, error: CheckError) -> CheckError {
        if self.fits(issued_at, skew)
            || self.provider_date.is_some_and(|date| self.fits(date, skew))
        {
            return error;
        }
        let theirs = self.provider_date.unwrap_or(issued_at);
        CheckError::ClockWrong(ClockDifference::between(self.at, theirs))
    }

    /// How far the provider's own time is from ours, when that is too far.
    pub(crate) fn clock_difference(&self, skew: Duration) -> Option<ClockDifference> {
        let theirs = self.provider_date.filter(|date| !self.fits(*date, skew))?;
        Some(ClockDifference::between(self.at, theirs))
    }

    fn fits(&self, time: Time, skew: Duration) -> bool {
        self.asked_at.minus(skew) <= time && time <= self.at.plus(skew)
    }
}

fn enough(came: Option<Level>, wanted: u8) -> Result<u8, Option<u8>> {
    let came = came.map(|Level(level)| level);
    match came {
        Some(level) if level >= wanted => Ok(level),
        None if wanted == 0 => Ok(0),
        Some(_) | None => Err(came),
    }
}
