//! What a program says it is called.

use cardea_session::is_shown;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// In characters.
const LONGEST: usize = 40;

/// A name that can be shown: 1 to 40 printable characters that neither are invisible nor turn the
/// direction of what stands beside them. It says nothing about who asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, min_length = 1, max_length = 40)]
pub(crate) struct ClaimedName(String);

/// The text is no such name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("name must be 1 to 40 printable characters, without spaces at its ends")]
pub(crate) struct BadName;

impl ClaimedName {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ClaimedName {
    type Error = BadName;

    fn try_from(text: String) -> Result<Self, BadName> {
        let is_long = text.chars().nth(LONGEST).is_some();
        if text.is_empty() || is_long || text.trim() != text || !text.chars().all(is_shown) {
            return Err(BadName);
        }
        Ok(Self(text))
    }
}

impl From<ClaimedName> for String {
    fn from(name: ClaimedName) -> Self {
        name.0
    }
}

/// A text that others chose, fit to be shown: what is not seen, or turns others around, is replaced.
pub(super) fn shown(text: &str) -> String {
    let replaced = |c| {
        if is_shown(c) {
            c
        } else {
            char::REPLACEMENT_CHARACTER
        }
    };
    text.chars().map(replaced).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> Result<ClaimedName, BadName> {
        ClaimedName::try_from(text.to_owned())
    }

    #[test]
    fn a_name_is_short_and_can_be_read() {
        for good in [
            "X",
            "GP Connect 2.0 (beta)",
            "Clinig y Môr",
            "診療所",
            &"a".repeat(40),
        ] {
            assert_eq!(named(good).unwrap().as_str(), good);
        }
        for bad in [
            "",
            " ",
            " a",
            "a ",
            &"a".repeat(41),
            "a\nb",
            "a\tb",
            "a\u{0}",
        ] {
            assert_eq!(named(bad), Err(BadName), "{bad:?}");
        }
    }

    #[test]
    fn a_name_does_not_hide_or_turn_around_what_is_shown_beside_it() {
        for c in [
            '\u{202e}',
            '\u{2066}',
            '\u{200f}',
            '\u{61c}',
            '\u{200b}',
            '\u{feff}',
            '\u{a0}',
            '\u{3000}',
            '\u{e0041}',
            '\u{2028}',
            '\u{3164}',
            '\u{fe0f}',
            '\u{f8ff}',
        ] {
            assert_eq!(named(&format!("Cardea{c}x")), Err(BadName), "{c:?}");
        }
    }
}
