//! Logout tokens (OpenID Connect Back-Channel Logout 1.0), as [`crate`]'s token inputs say them.

use cardea_login::LogoutTokens;
use cardea_login::fuzzing::{Ended, logout_token};
use serde_json::Value;

use crate::keys::PROVIDER;
use crate::made::Made;
use crate::question::{NOW, SETTINGS, SKEW, are_for_us, at, is_said, number};
use crate::{Verdict, check_error};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// What the end of a session rests on.
const CLAIMS: &[&str] = &[
    "iss", "aud", "iat", "exp", "jti", "sid", "sub", "events", "nonce",
];

/// Reads it, and once more when it ended something.
pub fn run(input: &[u8]) -> Verdict {
    let made = Made::of(input);
    let seen = LogoutTokens::default();
    match read(&made.text, &seen) {
        Ok(ended) => {
            let (header, claims) = made.accepted(CLAIMS);
            assert!(may_pass(&header, &claims), "{header} {claims}");
            match ended {
                Ended::Session(sid) => assert_eq!(claims["sid"], sid),
                Ended::EverythingOf(subject) => {
                    assert!(claims["sid"].is_null());
                    assert_eq!(claims["sub"], subject);
                }
            }
            assert!(read(&made.text, &seen).is_err(), "it counts twice");
            for spoiled in made.spoiled() {
                let fresh = LogoutTokens::default();
                assert!(read(&spoiled, &fresh).is_err(), "{spoiled}");
            }
            Verdict::Accepted
        }
        Err(error) => {
            check_error(&error);
            Verdict::refused(made.is_readable())
        }
    }
}

fn read(token: &str, seen: &LogoutTokens) -> Result<Ended, String> {
    logout_token(token, &PROVIDER.public, &SETTINGS, at(NOW), seen)
}

/// Whether these claims may pass, judged without the code under test.
fn may_pass(header: &Value, claims: &Value) -> bool {
    let typ = header["typ"].as_str().map(str::to_ascii_lowercase);
    let issued_at = number(claims, "iat");
    [
        typ.is_none_or(|typ| typ == "jwt" || typ == "logout+jwt"),
        are_for_us(claims),
        issued_at < (NOW + SKEW + 1) as f64,
        issued_at > (NOW - SKEW - 300) as f64,
        claims["exp"].is_null() || number(claims, "exp") > (NOW - SKEW) as f64,
        claims["events"][EVENT].is_object(),
        claims.get("nonce").is_none(),
        is_said(claims, "jti"),
        is_said(claims, "sid") || (claims["sid"].is_null() && is_said(claims, "sub")),
    ]
    .iter()
    .all(|&good| good)
}
