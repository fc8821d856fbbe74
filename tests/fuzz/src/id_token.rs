//! ID tokens (OpenID Connect Core, section 2), as [`crate`]'s token inputs say them.

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cardea_login::fuzzing::{IdToken, Question, id_token};
use cardea_session::PriorSession;
use serde_json::Value;

use crate::keys::PROVIDER;
use crate::made::Made;
use crate::question::{CLIENT, NOW, SETTINGS, SKEW, SUBJECT, are_for_us, at, is_said, number};
use crate::{SECRET, Verdict, check_error};

const STARTED: i64 = NOW - 100;
/// When the running session's user signed in.
const BEFORE: i64 = NOW - 3000;

/// What a login rests on.
const CLAIMS: &[&str] = &[
    "iss",
    "aud",
    "azp",
    "sub",
    "nonce",
    "at_hash",
    "c_hash",
    "exp",
    "iat",
    "nbf",
    "auth_time",
    "amr",
    "sid",
    "selected_roleid",
    "authentication_assurance_level",
    "id_assurance_level",
    "idassurancelevel",
];

/// Reads it as the answer to a sign-in, and to a change of the role.
pub fn run(input: &[u8]) -> Verdict {
    let made = Made::of(input);
    let prior = PriorSession {
        subject: SUBJECT.to_owned(),
        auth_time: at(BEFORE),
    };
    let at_sign_in = judged(&made, None);
    let at_role_change = judged(&made, Some(&prior));
    if at_sign_in == Verdict::Accepted {
        assert_eq!(at_role_change, Verdict::Accepted, "only at a sign-in");
    }
    at_sign_in
}

fn judged(made: &Made<'_>, prior: Option<&PriorSession>) -> Verdict {
    match read(&made.text, prior) {
        Ok(token) => {
            let (header, claims) = made.accepted(CLAIMS);
            assert!(may_pass(&header, &claims, prior.is_some()), "{claims}");
            check(&token, &claims);
            for spoiled in made.spoiled() {
                assert!(read(&spoiled, prior).is_err(), "{spoiled}");
            }
            Verdict::Accepted
        }
        Err(error) => {
            // How somebody signed in is shown.
            if !error.starts_with("no smartcard evidence") {
                check_error(&error);
            }
            Verdict::refused(made.is_readable())
        }
    }
}

fn read(token: &str, prior: Option<&PriorSession>) -> Result<IdToken, String> {
    let question = Question {
        settings: &SETTINGS,
        nonce: "nonce",
        code: SECRET,
        access_token: "access",
        started_at: at(STARTED),
        now: at(NOW),
        prior,
    };
    id_token(token, &PROVIDER.public, question)
}

fn check(token: &IdToken, claims: &Value) {
    let text = |name: &str| claims[name].as_str().map(str::to_owned);
    assert_eq!(Some(&token.subject), text("sub").as_ref());
    assert_eq!(token.sid, text("sid"));
    let role = text("selected_roleid").filter(|role| !role.is_empty());
    assert_eq!(token.selected_roleid, role);
    assert!(token.smartcard);
}

/// Whether these claims may pass, judged without the code under test.
fn may_pass(header: &Value, claims: &Value, changes_role: bool) -> bool {
    let absent_or = |name: &str, value: &str| claims[name].is_null() || claims[name] == value;
    let hash = |text| half_hash(&header["alg"], text);
    let level = |name: &str| {
        let value = &claims[name];
        value.as_u64().or_else(|| value.as_str()?.parse().ok())
    };
    let high = |level: Option<u64>| level.is_some_and(|level| level >= 3);
    let latest = (NOW + SKEW + 1) as f64;
    let auth_time = number(claims, "auth_time");
    let same_user = claims["sub"] == SUBJECT && auth_time >= BEFORE as f64;
    [
        are_for_us(claims),
        absent_or("azp", CLIENT),
        is_said(claims, "sub"),
        claims["nonce"] == "nonce",
        absent_or("at_hash", &hash("access")),
        absent_or("c_hash", &hash(SECRET)),
        number(claims, "exp") > (NOW - SKEW) as f64,
        number(claims, "iat") < latest,
        claims["nbf"].is_null() || number(claims, "nbf") < latest,
        auth_time >= (STARTED - SKEW) as f64 || (changes_role && same_user),
        auth_time < latest,
        shows_card(&claims["amr"]),
        high(level("authentication_assurance_level")),
        high(level("id_assurance_level").or(level("idassurancelevel"))),
    ]
    .iter()
    .all(|&good| good)
}

fn shows_card(methods: &Value) -> bool {
    let is_card = |method: &Value| {
        let method = method.as_str().unwrap_or_default();
        method.to_ascii_uppercase().contains("SMARTCARD")
    };
    is_card(methods)
        || methods
            .as_array()
            .is_some_and(|all| all.iter().any(is_card))
}

/// `at_hash` and `c_hash` (OpenID Connect Core, section 3.1.3.6).
fn half_hash(alg: &Value, text: &str) -> String {
    let hash = if alg == "RS512" {
        &digest::SHA512
    } else {
        &digest::SHA256
    };
    let whole = digest::digest(hash, text.as_bytes());
    URL_SAFE_NO_PAD.encode(&whole.as_ref()[..whole.as_ref().len() / 2])
}
