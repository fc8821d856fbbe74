//! The `error` that a provider names (RFC 6749, sections 4.1.2.1 and 5.2).

use std::fmt;

/// The longest name that is kept; the standard's are shorter than 30 characters.
const LIMIT: usize = 48;

/// The name of an error, made safe to show: what the provider calls it, never its description,
/// which may name a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OAuthError(String);

impl OAuthError {
    pub(crate) fn new(name: &str) -> Self {
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        if name.is_empty() || name.len() > LIMIT || !name.chars().all(is_name) {
            return Self("unnamed".to_owned());
        }
        Self(name.to_owned())
    }

    pub(crate) fn name(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OAuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_name_is_shown() {
        assert_eq!(OAuthError::new("access_denied").name(), "access_denied");
        for odd in ["", "Flo Nurse", "<script>", "x\ny", &"x".repeat(49)] {
            assert_eq!(OAuthError::new(odd).name(), "unnamed");
        }
    }
}
