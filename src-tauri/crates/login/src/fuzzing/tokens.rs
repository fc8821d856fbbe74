//! What the provider signs, and UserInfo.

use cardea_session::{LoginMode, PriorSession, Time, User};
use http::{HeaderMap, HeaderValue, header};
use jsonwebtoken::jwk::Jwk;

use crate::id_token::{Answered, CheckError, Expected, Jws, Verified, check};
use crate::wire::Answer;
use crate::{LogoutTokens, Secret, Settings, logout_token as logout, userinfo as info};

/// A provider's public keys.
#[derive(Debug)]
pub struct Keys(Vec<Jwk>);

impl Keys {
    /// Reads the members of a key set (RFC 7517, section 5); those that cannot be read are left out,
    /// as at a login.
    #[must_use]
    pub fn read(keys: Vec<serde_json::Value>) -> Self {
        let keys = keys.into_iter();
        Self(
            keys.filter_map(|key| serde_json::from_value(key).ok())
                .collect(),
        )
    }
}

/// What an ID token answers.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The relying party.
    pub settings: &'a Settings,
    /// The attempt's own `nonce`.
    pub nonce: &'a str,
    /// The code that the token was got with.
    pub code: &'a str,
    /// The access token that came with it.
    pub access_token: &'a str,
    /// When the attempt started.
    pub started_at: Time,
    /// When the token came.
    pub now: Time,
    /// The session that it is to change the role of; none for a sign-in.
    pub prior: Option<&'a PriorSession>,
}

/// What an ID token that passed says.
#[derive(Debug, PartialEq, Eq)]
pub struct IdToken {
    /// `sub`.
    pub subject: String,
    /// `sid`.
    pub sid: Option<String>,
    /// `selected_roleid`.
    pub selected_roleid: Option<String>,
    /// Whether a smartcard was used.
    pub smartcard: bool,
}

/// Reads an ID token.
///
/// # Errors
/// Why it is refused, as the log says it.
pub fn id_token(token: &str, keys: &Keys, question: Question<'_>) -> Result<IdToken, String> {
    let read = || {
        let jws = Jws::parse(token)?;
        let payload = jws.verify(&jws.key_wanted().among(&keys.0))?;
        let secret = |text: &str| Secret::new(text.to_owned());
        let expected = Expected {
            settings: question.settings,
            nonce: &secret(question.nonce),
            code: &secret(question.code),
            access_token: &secret(question.access_token),
            started_at: question.started_at,
            mode: match question.prior {
                Some(_) => LoginMode::ChangeRole,
                None => LoginMode::SignIn,
            },
            prior: question.prior,
            answered: Answered {
                asked_at: question.now,
                at: question.now,
                provider_date: None,
            },
        };
        check(payload, jws.alg, &expected)
    };
    let verified = read().map_err(|error: CheckError| error.to_string())?;
    Ok(IdToken {
        subject: verified.subject,
        sid: verified.sid,
        selected_roleid: verified.selected_roleid,
        smartcard: verified.smartcard,
    })
}

/// What a logout token ends.
#[derive(Debug, PartialEq, Eq)]
pub enum Ended {
    /// The session of this `sid`.
    Session(String),
    /// Every session of this `sub`.
    EverythingOf(String),
}

/// Reads a logout token.
///
/// # Errors
/// Why it is refused, as the log says it.
pub fn logout_token(
    token: &str,
    keys: &Keys,
    settings: &Settings,
    now: Time,
    tokens: &LogoutTokens,
) -> Result<Ended, String> {
    let logout = tokens.read_with(&keys.0, settings, now, token);
    let logout = logout.map_err(|error| error.to_string())?;
    Ok(match logout.ended {
        logout::Ended::Session(sid) => Ended::Session(sid),
        logout::Ended::EverythingOf(subject) => Ended::EverythingOf(subject),
    })
}

/// Reads an answer of the UserInfo endpoint about the user of an ID token with this `sub` and
/// `selected_roleid`.
///
/// # Errors
/// Why it is refused, as the log says it.
pub fn userinfo(
    (content_type, body): (&[u8], &[u8]),
    keys: &Keys,
    settings: &Settings,
    now: Time,
    (subject, selected_roleid): (&str, Option<&str>),
) -> Result<User, String> {
    let content_type = HeaderValue::from_bytes(content_type).map_err(|error| error.to_string())?;
    let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, content_type)]);
    let id_token = Verified::made_of(subject, selected_roleid, now);
    let answer = Answer::made_of(&headers, body);
    info::read(&answer, &keys.0, settings, now, &id_token).map_err(|error| error.to_string())
}
