//! Patterns that name a kind of card by its answer to reset.

use cardea_session::Atr;

/// The longest answer to reset: TS and at most 32 characters (ISO 7816-3, section 8.2.1).
const MAX_ATR: usize = 33;

/// A kind of card, known by the bits of its answer to reset that `mask` selects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardPattern {
    /// Names the pattern in settings; a pattern in the settings replaces the built-in one of the
    /// same id.
    pub id: String,
    /// What a person sees.
    pub name: String,
    /// The bytes to compare.
    pub atr: Vec<u8>,
    /// Which bits of them count; as long as `atr`.
    pub mask: Vec<u8>,
}

/// Why a pattern in the settings cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// `id` or `name` is empty.
    #[error("`{field}` is empty: every pattern needs an `id` and a `name`")]
    Empty {
        /// `id` or `name`.
        field: &'static str,
    },
    /// Not hexadecimal pairs.
    #[error(
        "`{field}` has \"{text}\" where pairs of hexadecimal digits with spaces between them are \
         allowed, such as \"3B F9 18\""
    )]
    NotHex {
        /// `atr` or `mask`.
        field: &'static str,
        /// What stands there.
        text: String,
    },
    /// No bytes, or more than a card can answer.
    #[error("`{field}` has {bytes} bytes: 1 to 33 are allowed")]
    Length {
        /// `atr` or `mask`.
        field: &'static str,
        /// How many there are.
        bytes: usize,
    },
    /// `mask` and `atr` do not go together.
    #[error("`mask` has {mask} bytes and `atr` has {atr}: they must be as long as each other")]
    MaskLength {
        /// Bytes in `atr`.
        atr: usize,
        /// Bytes in `mask`.
        mask: usize,
    },
    /// The mask lets every card of that length through.
    #[error("`mask` is all zero and would know every card: at least one bit must count")]
    MaskSelectsNothing,
}

impl CardPattern {
    /// Reads a pattern as the settings write it: bytes as pairs of hexadecimal digits, spaces
    /// between them allowed. Without a mask every bit counts.
    ///
    /// # Errors
    /// [`PatternError`], which says what is wrong and what is allowed.
    pub fn parse(
        id: &str,
        name: &str,
        atr: &str,
        mask: Option<&str>,
    ) -> Result<Self, PatternError> {
        for (field, text) in [("id", id), ("name", name)] {
            if text.trim().is_empty() {
                return Err(PatternError::Empty { field });
            }
        }
        let atr = bytes("atr", atr)?;
        let mask = match mask {
            Some(mask) => bytes("mask", mask)?,
            None => vec![0xff; atr.len()],
        };
        if mask.len() != atr.len() {
            return Err(PatternError::MaskLength {
                atr: atr.len(),
                mask: mask.len(),
            });
        }
        if mask.iter().all(|&byte| byte == 0) {
            return Err(PatternError::MaskSelectsNothing);
        }
        Ok(Self {
            id: id.to_owned(),
            name: name.to_owned(),
            atr,
            mask,
        })
    }

    /// Whether a card that answers `atr` is of this kind.
    #[must_use]
    pub fn matches(&self, atr: &Atr) -> bool {
        let answer = atr.as_bytes();
        answer.len() == self.atr.len()
            && answer
                .iter()
                .zip(&self.atr)
                .zip(&self.mask)
                .all(|((answer, wanted), mask)| (answer ^ wanted) & mask == 0)
    }
}

fn bytes(field: &'static str, text: &str) -> Result<Vec<u8>, PatternError> {
    let mut bytes = Vec::new();
    for group in text.split_whitespace() {
        let not_hex = || PatternError::NotHex {
            field,
            text: group.to_owned(),
        };
        if !group.len().is_multiple_of(2) || !group.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(not_hex());
        }
        for index in (0..group.len()).step_by(2) {
            let byte = u8::from_str_radix(&group[index..index + 2], 16).map_err(|_| not_hex())?;
            bytes.push(byte);
        }
    }
    if bytes.is_empty() || bytes.len() > MAX_ATR {
        return Err(PatternError::Length {
            field,
            bytes: bytes.len(),
        });
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    mod fuzz;

    use super::*;

    fn parse(atr: &str, mask: Option<&str>) -> Result<CardPattern, PatternError> {
        CardPattern::parse("trust", "Trust card", atr, mask)
    }

    #[test]
    fn a_pattern_is_read_with_or_without_spaces() {
        let pattern = parse("3b F9 18", Some("FF ff 00")).unwrap();
        assert_eq!(pattern.atr, [0x3b, 0xf9, 0x18]);
        assert_eq!(pattern.mask, [0xff, 0xff, 0x00]);
        assert_eq!(parse("3BF918", Some("FFFF00")).unwrap(), pattern);
    }

    #[test]
    fn only_the_bits_of_the_mask_count() {
        let pattern = parse("3B F9 18", Some("FF F0 00")).unwrap();
        assert!(pattern.matches(&Atr::new([0x3b, 0xf0, 0x77])));
        assert!(!pattern.matches(&Atr::new([0x3b, 0xe9, 0x18])));
        assert!(!pattern.matches(&Atr::new([0x3b, 0xf9])));
        assert!(!pattern.matches(&Atr::new([0x3b, 0xf9, 0x18, 0x00])));
    }

    #[test]
    fn without_a_mask_every_bit_counts() {
        let pattern = parse("3B F9", None).unwrap();
        assert!(pattern.matches(&Atr::new([0x3b, 0xf9])));
        assert!(!pattern.matches(&Atr::new([0x3b, 0xf8])));
    }

    #[test]
    fn errors_say_what_is_wrong_and_what_is_allowed() {
        let message = |atr: &str, mask: Option<&str>| parse(atr, mask).unwrap_err().to_string();
        assert_eq!(
            message("3B XY", None),
            "`atr` has \"XY\" where pairs of hexadecimal digits with spaces between them are \
             allowed, such as \"3B F9 18\""
        );
        assert!(message("3B F", None).contains("\"F\""));
        assert!(message("3B é0", None).contains("\"é0\""));
        assert_eq!(message("", None), "`atr` has 0 bytes: 1 to 33 are allowed");
        assert!(message(&"3B ".repeat(34), None).contains("34 bytes"));
        assert_eq!(
            message("3B F9", Some("FF")),
            "`mask` has 1 bytes and `atr` has 2: they must be as long as each other"
        );
        assert!(message("3B F9", Some("00 00")).contains("every card"));
        let unnamed = CardPattern::parse("trust", " ", "3B", None).unwrap_err();
        assert_eq!(unnamed, PatternError::Empty { field: "name" });
    }
}
