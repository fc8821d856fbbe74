//! The settings of `[card]` that decide what is reported about a card.

use cardea_session::{Atr, ReaderName};
use wildmatch::WildMatch;

use crate::{CardPattern, known_cards};

/// Which readers count and which cards have a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardSettings {
    /// Names of readers that do not count; `*` stands for any characters, `?` for one, ASCII case
    /// does not matter.
    pub ignore_readers: Vec<String>,
    /// Known cards besides the built-in ones, the first match winning; one with the id of a
    /// built-in pattern replaces it.
    pub patterns: Vec<CardPattern>,
}

impl Default for CardSettings {
    /// The virtual readers that Windows makes for its own keys are ignored.
    fn default() -> Self {
        Self {
            ignore_readers: vec![
                "Windows Hello*".to_owned(),
                "*Virtual Smart Card*".to_owned(),
            ],
            patterns: Vec::new(),
        }
    }
}

impl CardSettings {
    /// Whether the reader of this name does not count.
    #[must_use]
    pub fn ignores(&self, reader: &ReaderName) -> bool {
        self.ignored_by(reader).is_some()
    }

    /// The pattern because of which the reader of this name does not count.
    #[must_use]
    pub fn ignored_by(&self, reader: &ReaderName) -> Option<&str> {
        let name = reader.to_string().to_ascii_lowercase();
        let fits = |pattern: &&String| WildMatch::new(&pattern.to_ascii_lowercase()).matches(&name);
        self.ignore_readers.iter().find(fits).map(String::as_str)
    }

    /// The name of the card that answers `atr`; none when no pattern knows it.
    #[must_use]
    pub fn name_of(&self, atr: &Atr) -> Option<&str> {
        let replaced = |id: &str| self.patterns.iter().any(|pattern| pattern.id == id);
        let built_in = known_cards().iter().filter(|card| !replaced(&card.id));
        self.patterns
            .iter()
            .chain(built_in)
            .find(|pattern| pattern.matches(atr))
            .map(|pattern| pattern.name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JCOP41: [u8; 14] = *b"\x3b\x6a\x00\xffJCOP41V221";

    fn ignores(pattern: &str, reader: &[u8]) -> bool {
        let settings = CardSettings {
            ignore_readers: vec![pattern.to_owned()],
            ..CardSettings::default()
        };
        settings.ignores(&ReaderName::new(reader))
    }

    #[test]
    fn the_virtual_readers_of_windows_are_ignored_by_default() {
        let settings = CardSettings::default();
        for name in [
            "Windows Hello for Business 1",
            "Microsoft Virtual Smart Card 0",
        ] {
            assert!(settings.ignores(&ReaderName::new(name)), "{name}");
        }
        assert!(!settings.ignores(&ReaderName::new("HID Global OMNIKEY 3x21")));
    }

    #[test]
    fn names_are_compared_whole_and_without_ascii_case() {
        assert!(ignores("gemalto*", b"Gemalto PC Twin Reader 00 00"));
        assert!(ignores(
            "Gemalto PC Twin Reader ?? 00",
            b"GEMALTO PC TWIN READER 00 00"
        ));
        assert!(!ignores("Gemalto", b"Gemalto PC Twin Reader 00 00"));
        assert!(!ignores("", b"Gemalto PC Twin Reader 00 00"));
    }

    #[test]
    fn names_that_are_not_utf_8_can_be_ignored() {
        assert!(ignores("Leser f?r Karten*", b"Leser f\xfcr Karten 00"));
    }

    #[test]
    fn built_in_cards_have_a_name_and_others_none() {
        let settings = CardSettings::default();
        assert_eq!(
            settings.name_of(&Atr::new(JCOP41)),
            Some("NHS Smartcard (JCOP41 V2.2.1)")
        );
        assert_eq!(settings.name_of(&Atr::new([0x3b, 0x00])), None);
    }

    #[test]
    fn a_pattern_in_the_settings_replaces_the_built_in_one_of_its_id() {
        let other = CardPattern::parse("nhs-jcop41-v221", "Other", "3B 00", None).unwrap();
        let settings = CardSettings {
            patterns: vec![other],
            ..CardSettings::default()
        };
        assert_eq!(settings.name_of(&Atr::new([0x3b, 0x00])), Some("Other"));
        assert_eq!(settings.name_of(&Atr::new(JCOP41)), None);
    }

    #[test]
    fn a_pattern_in_the_settings_wins_over_built_in_ones() {
        let mine = CardPattern::parse(
            "mine",
            "My card",
            "3B 6A 00 FF 4A 43 4F 50 34 31 56 32 32 31",
            None,
        );
        let settings = CardSettings {
            patterns: vec![mine.unwrap()],
            ..CardSettings::default()
        };
        assert_eq!(settings.name_of(&Atr::new(JCOP41)), Some("My card"));
    }
}
