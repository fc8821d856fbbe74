//! UserInfo as a signed JWT (OpenID Connect Core, section 5.3.2): it must be this provider's, and
//! for us, by an algorithm of our list.

use cardea_session::Time;
use jsonwebtoken::DecodingKey;
use serde::Deserialize;
use serde_json::Value;

use crate::Settings;
use crate::id_token::{CheckError, Jws, Moment, OneOrMany, check_issuer_and_audience};

#[derive(Deserialize)]
struct Envelope {
    iss: Option<String>,
    aud: Option<OneOrMany>,
    exp: Option<Moment>,
}

/// What the token says of the user, once it passed.
pub(super) fn document(
    jws: &Jws<'_>,
    keys: &[DecodingKey],
    settings: &Settings,
    now: Time,
) -> Result<Value, CheckError> {
    let document: Value = jws.verify(keys)?;
    let envelope = Envelope::deserialize(&document).map_err(|_| CheckError::Malformed)?;
    check_issuer_and_audience(envelope.iss.as_deref(), envelope.aud.as_ref(), settings)?;
    let is_past = |Moment(at): Moment| at.plus(settings.clock_skew) <= now;
    if envelope.exp.is_some_and(is_past) {
        return Err(CheckError::Expired);
    }
    Ok(document)
}
