//! The checks of the header and the claims (Back-Channel Logout 1.0, section 2.6).

use std::time::Duration;

use aws_lc_rs::digest;
use cardea_session::Time;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::error::Why;
use super::{Ended, Logout};
use crate::Settings;
use crate::id_token::{CheckError, Moment, OneOrMany, check_issuer_and_audience};

/// What `events` must have as a member.
pub(super) const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// How long after it was made a token counts; other relying parties of CIS2 take five minutes too.
pub(super) const FRESH: Duration = Duration::from_secs(5 * 60);

/// The claims of a token with a good signature.
#[derive(Deserialize)]
pub(super) struct Claims {
    iss: Option<String>,
    aud: Option<OneOrMany>,
    iat: Option<Moment>,
    exp: Option<Moment>,
    jti: Option<String>,
    sid: Option<String>,
    sub: Option<String>,
    events: Option<Map<String, Value>>,
    /// Whether there is one, whatever it is: an ID token must not pass for a logout token.
    #[serde(default, deserialize_with = "is_there")]
    nonce: bool,
}

fn is_there<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|IgnoredAny| true)
}

/// What is left of a token once it is checked.
pub(super) struct Checked {
    pub(super) logout: Logout,
    /// The SHA-256 of its `jti`, which may be of any length.
    pub(super) name: [u8; digest::SHA256_OUTPUT_LEN],
    pub(super) now: Time,
    /// From when on it is too old anyway.
    pub(super) stale_at: Time,
}

/// Tokens of before the type was given a name have none, or that of any JWT.
pub(super) fn check_type(typ: Option<&str>) -> Result<(), Why> {
    let is_known = |typ: &str| {
        ["JWT", "logout+jwt"]
            .iter()
            .any(|known| typ.eq_ignore_ascii_case(known))
    };
    if typ.is_none_or(is_known) {
        Ok(())
    } else {
        Err(Why::Type)
    }
}

pub(super) fn check(claims: Claims, settings: &Settings, now: Time) -> Result<Checked, Why> {
    check_issuer_and_audience(claims.iss.as_deref(), claims.aud.as_ref(), settings)?;
    let stale_at = check_times(&claims, settings.clock_skew, now)?;
    let has_event = |events: &Map<String, Value>| events.get(EVENT).is_some_and(Value::is_object);
    if !claims.events.as_ref().is_some_and(has_event) {
        return Err(Why::Events);
    }
    if claims.nonce {
        return Err(Why::Nonce);
    }
    let jti = claims.jti.filter(|jti| !jti.is_empty());
    let jti = jti.ok_or(CheckError::Missing("jti"))?;
    let ended = match (claims.sid, claims.sub) {
        (Some(sid), _) if !sid.is_empty() => Ended::Session(sid),
        (None, Some(sub)) if !sub.is_empty() => Ended::EverythingOf(sub),
        (Some(_) | None, _) => return Err(Why::NobodyNamed),
    };
    let mut name = [0; digest::SHA256_OUTPUT_LEN];
    name.copy_from_slice(digest::digest(&digest::SHA256, jti.as_bytes()).as_ref());
    Ok(Checked {
        logout: Logout {
            issuer: settings.issuer.clone(),
            client_id: settings.client_id.clone(),
            ended,
        },
        name,
        now,
        stale_at,
    })
}

fn check_times(claims: &Claims, skew: Duration, now: Time) -> Result<Time, Why> {
    let Moment(issued_at) = claims.iat.ok_or(CheckError::Missing("iat"))?;
    if issued_at > now.plus(skew) {
        return Err(CheckError::IssuedInFuture.into());
    }
    let stale_at = issued_at.plus(FRESH).plus(skew);
    if stale_at <= now {
        return Err(Why::TooOld);
    }
    if claims.exp.is_some_and(|Moment(at)| at.plus(skew) <= now) {
        return Err(CheckError::Expired.into());
    }
    Ok(stale_at)
}
