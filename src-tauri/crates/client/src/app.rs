//! Who calls: a program's id and its token.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use http::HeaderValue;
use zeroize::Zeroizing;

/// A program's token for the local API. Its text is in no log and no error, and is wiped on drop.
#[derive(Clone)]
pub struct Token(Zeroizing<String>);

/// The text cannot be a token; it is not repeated here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a token is 1 to 128 visible ASCII characters")]
pub struct InvalidToken;

impl Token {
    /// Takes the token as pairing or the administrator gave it.
    ///
    /// # Errors
    /// [`InvalidToken`] when the text could not be sent as one.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidToken> {
        let text = Zeroizing::new(text.into());
        let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        if text.is_empty() || text.len() > 128 || !visible {
            return Err(InvalidToken);
        }
        Ok(Self(text))
    }

    /// The token itself, for whoever hands it to the program.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The value of the `Authorization` header.
    pub(crate) fn authorization(&self) -> Result<HeaderValue, InvalidToken> {
        let text = Zeroizing::new(format!("Bearer {}", self.0.as_str()));
        let mut value = HeaderValue::from_str(&text).map_err(|_| InvalidToken)?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// What the agent keeps of it: SHA-256, the key of its proof.
    pub(crate) fn hash(&self) -> Zeroizing<[u8; 32]> {
        let mut hash = Zeroizing::new([0; 32]);
        hash.copy_from_slice(digest(&SHA256, self.0.as_bytes()).as_ref());
        hash
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token([redacted])")
    }
}

/// A program that may call the local API.
#[derive(Clone, Debug)]
pub struct App {
    /// Its id in the agent's list of programs.
    pub id: String,
    /// Its token.
    pub token: Token,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_shows_itself_nowhere_but_in_its_header() {
        let token = Token::new("s3cret").unwrap();
        let header = token.authorization().unwrap();
        assert_eq!(header.to_str().unwrap(), "Bearer s3cret");
        assert!(header.is_sensitive());
        let app = App {
            id: "a".to_owned(),
            token,
        };
        assert!(!format!("{app:?} {header:?}").contains("s3cret"));
    }

    #[test]
    fn what_cannot_be_sent_is_not_a_token() {
        for text in ["", "two words", "line\r\nbreak", "ümlaut", &"x".repeat(129)] {
            assert!(Token::new(text).is_err());
        }
    }
}
