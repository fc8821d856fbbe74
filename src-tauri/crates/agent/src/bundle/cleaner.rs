//! Takes what is personal or secret out of a text, and leaves the rest byte for byte.
//!
//! One pass from the start to the end: what was put in is not looked at again.

mod identity;
mod names;
mod numbers;
mod replaced;
mod secrets;
#[cfg(target_os = "linux")]
#[path = "cleaner/linux.rs"]
mod system;
#[cfg(windows)]
#[path = "cleaner/windows.rs"]
mod system;
mod url;

pub use identity::Identity;
use names::Names;
pub use replaced::{Kind, Replaced};
use url::Url;

const REDACTED: &str = "<redacted>";

/// Knows this user and this computer.
#[derive(Clone, Debug)]
pub struct Cleaner {
    names: Names,
}

/// A text that can be given away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cleaned {
    /// The text.
    pub text: String,
    /// What was taken out of it.
    pub replaced: Replaced,
}

/// Something that is to be replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Found {
    kind: Kind,
    /// How many bytes it has.
    length: usize,
    with: &'static str,
}

impl Found {
    fn redacted(kind: Kind, length: usize) -> Self {
        Self {
            kind,
            length,
            with: REDACTED,
        }
    }
}

impl Cleaner {
    /// Takes out what names whom `identity` says, and whatever looks like a secret.
    #[must_use]
    pub fn new(identity: &Identity) -> Self {
        Self {
            names: Names::of(identity),
        }
    }

    /// The text without.
    #[must_use]
    pub fn clean(&self, text: &str) -> Cleaned {
        let mut cleaned = Cleaned {
            text: String::with_capacity(text.len()),
            replaced: Replaced::default(),
        };
        let mut url = Url::default();
        let mut at = 0;
        while let Some(next) = text[at..].chars().next() {
            // Nothing has no length; it would be found for ever.
            match self
                .find(text, at, &mut url)
                .filter(|found| found.length > 0)
            {
                Some(found) => {
                    cleaned.text.push_str(found.with);
                    cleaned.replaced.count(found.kind);
                    at += found.length;
                }
                None => {
                    cleaned.text.push(next);
                    at += next.len_utf8();
                }
            }
        }
        cleaned
    }

    fn find(&self, text: &str, at: usize, url: &mut Url) -> Option<Found> {
        secrets::pem(text, at)
            .or_else(|| secrets::jwt(text, at))
            .or_else(|| url.find(text, at))
            .or_else(|| self.names.find(text, at))
            .or_else(|| secrets::token(text, at))
            .or_else(|| numbers::find(text, at))
    }
}

/// The character before a place.
fn before(text: &str, at: usize) -> Option<char> {
    text[..at].chars().next_back()
}

/// The character at a place.
fn following(text: &str, at: usize) -> Option<char> {
    text[at..].chars().next()
}

/// How many bytes from a place on are such.
fn run(text: &str, at: usize, is_such: impl Fn(char) -> bool) -> usize {
    let rest = &text[at..];
    rest.find(|c| !is_such(c)).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests;
