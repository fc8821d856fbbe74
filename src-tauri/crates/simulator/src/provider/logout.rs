//! Logout tokens (OpenID Connect Back-Channel Logout 1.0, section 2.4). Nobody is sent them: an
//! agent has no public address, so whoever asks for one hands it on.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use crate::provider::key::{KeyError, SigningKey};
use crate::provider::state::{Shared, random_id, unix_now};

/// How long one is good, in seconds.
const LIFETIME: i64 = 120;

pub(super) fn token(
    shared: &Shared,
    grant: usize,
    changes: &Value,
) -> Result<Option<String>, KeyError> {
    let (found, number) = {
        let state = shared.lock();
        (state.grants.get(grant).cloned(), state.key)
    };
    let Some(found) = found else {
        return Ok(None);
    };
    let now = unix_now();
    let claims = json!({
        "iss": shared.issuer,
        "sub": found.person.id,
        "aud": [found.client],
        "iat": now,
        "exp": now + LIFETIME,
        "jti": random_id(),
        "sid": sid(&found.id_token),
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    });
    let mut claims = claims.as_object().cloned().unwrap_or_default();
    change(&mut claims, changes);
    let key = SigningKey::numbered(number)?;
    key.sign(key.id(), &claims).map(Some)
}

fn change(claims: &mut Map<String, Value>, changes: &Value) {
    for (name, value) in changes.as_object().into_iter().flatten() {
        if value.is_null() {
            claims.remove(name);
        } else {
            claims.insert(name.clone(), value.clone());
        }
    }
}

/// As it stands in the ID token.
fn sid(id_token: &str) -> Value {
    let payload = id_token.split('.').nth(1).unwrap_or_default();
    let payload = URL_SAFE_NO_PAD.decode(payload).unwrap_or_default();
    let claims: Value = serde_json::from_slice(&payload).unwrap_or_default();
    claims.get("sid").cloned().unwrap_or_default()
}
