//! The claims of an ID token as CIS2 writes them: some as string or number, one value or a list.

use cardea_session::Time;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

#[derive(Deserialize)]
pub(super) struct Claims {
    pub(super) iss: Option<String>,
    pub(super) aud: Option<OneOrMany>,
    pub(super) azp: Option<String>,
    pub(super) sub: Option<String>,
    pub(super) exp: Option<Moment>,
    pub(super) iat: Option<Moment>,
    pub(super) nbf: Option<Moment>,
    pub(super) auth_time: Option<Moment>,
    pub(super) nonce: Option<String>,
    pub(super) at_hash: Option<String>,
    pub(super) c_hash: Option<String>,
    pub(super) acr: Option<String>,
    #[serde(default, deserialize_with = "texts_of")]
    pub(super) amr: Vec<String>,
    pub(super) sid: Option<String>,
    pub(super) selected_roleid: Option<String>,
    pub(super) authentication_assurance_level: Option<Level>,
    pub(super) id_assurance_level: Option<Level>,
    /// The older name of `id_assurance_level`.
    pub(super) idassurancelevel: Option<Level>,
}

/// A list that may be written as its only member.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    pub(crate) fn as_slice(&self) -> &[String] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }
}

/// The texts in an array, or the one text; anything else counts as none.
fn texts_of<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let one = std::slice::from_ref(&value);
    let values = value.as_array().map_or(one, Vec::as_slice);
    let texts = values.iter().filter_map(Value::as_str);
    Ok(texts.map(str::to_owned).collect())
}

/// A NumericDate (RFC 7519, section 2); fractions of a second are dropped.
#[derive(Clone, Copy)]
pub(crate) struct Moment(pub(crate) Time);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = serde_json::Number::deserialize(deserializer)?;
        let seconds = number.as_i64().or_else(|| whole_seconds(number.as_f64()?));
        let time = seconds.and_then(|seconds| Time::from_unix(seconds).ok());
        time.map(Self)
            .ok_or_else(|| serde::de::Error::custom("not a time"))
    }
}

fn whole_seconds(seconds: f64) -> Option<i64> {
    format!("{:.0}", seconds.floor()).parse().ok()
}

/// An assurance level, as a number or in a string.
#[derive(Clone, Copy)]
pub(super) struct Level(pub(super) u8);

impl<'de> Deserialize<'de> for Level {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Number(u8),
            Text(String),
        }
        match Written::deserialize(deserializer)? {
            Written::Number(level) => Ok(Self(level)),
            Written::Text(text) => text
                .parse()
                .map(Self)
                .map_err(|_| serde::de::Error::custom("not a level")),
        }
    }
}
