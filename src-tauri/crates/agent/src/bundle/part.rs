//! What a bundle is made of.

use std::fmt;

/// A file of the bundle, or the reason why it is not in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub(super) name: String,
    pub(super) about: String,
    pub(super) content: Content,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Content {
    Text { text: String, keep: Keep },
    Missing(String),
}

/// What is kept of a text that is too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    Start,
    End,
}

impl Part {
    /// A file: its name (letters, digits and any of `-._`, with `/` after a folder), one line that
    /// says what it is, and what is in it. Of a long one the start is kept.
    #[must_use]
    pub fn text(name: &str, about: &str, text: impl Into<String>) -> Self {
        let (text, keep) = (text.into(), Keep::Start);
        Self::with(name, about, Content::Text { text, keep })
    }

    /// The same for lines of which the last ones matter most: of a long one the end is kept.
    #[must_use]
    pub fn log(name: &str, about: &str, text: impl Into<String>) -> Self {
        let (text, keep) = (text.into(), Keep::End);
        Self::with(name, about, Content::Text { text, keep })
    }

    /// A file that is not in the bundle, and why.
    #[must_use]
    pub fn missing(name: &str, about: &str, why: impl fmt::Display) -> Self {
        Self::with(name, about, Content::Missing(why.to_string()))
    }

    fn with(name: &str, about: &str, content: Content) -> Self {
        Self {
            name: name.to_owned(),
            about: about.to_owned(),
            content,
        }
    }
}
