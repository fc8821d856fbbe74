//! What the XML of the template is written with.

use std::fmt::{self, Write as _};

/// Text that has its special characters written as XML does.
pub(super) struct Escaped<'a>(pub(super) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for char in self.0.chars() {
            match char {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                _ => f.write_char(char)?,
            }
        }
        Ok(())
    }
}

/// A name as XML Schema wants those of the template: letters, digits and `_`.
pub(super) fn name(text: &str) -> String {
    let fits = |char: char| {
        if char.is_ascii_alphanumeric() {
            char
        } else {
            '_'
        }
    };
    text.chars().map(fits).collect()
}

/// The id of the string that shows a word of a policy.
pub(super) fn word_id(policy: &str, value_name: &str, word: &str) -> String {
    name(&format!("{policy}__{value_name}__{word}"))
}
