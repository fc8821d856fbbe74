//! The built-in list of known cards, `known-cards.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::CardPattern;

static KNOWN_CARDS: LazyLock<Vec<CardPattern>> = LazyLock::new(|| {
    #[expect(
        clippy::expect_used,
        reason = "the file is part of the program, and a test reads it"
    )]
    read(include_str!("../known-cards.toml")).expect("known-cards.toml can be read")
});

/// The built-in list.
#[must_use]
pub fn known_cards() -> &'static [CardPattern] {
    &KNOWN_CARDS
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    card: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    name: String,
    atr: String,
    mask: Option<String>,
    #[expect(dead_code, reason = "for the people who keep the file")]
    nhs: Evidence,
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "for the people who keep the file")
    )]
    source: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Evidence {
    Named,
    Likely,
}

#[derive(Debug, thiserror::Error)]
enum FileError {
    #[error(transparent)]
    Toml(#[from] toml::de::Error),
    #[error(transparent)]
    Pattern(#[from] crate::PatternError),
}

fn read(text: &str) -> Result<Vec<CardPattern>, FileError> {
    let file: File = toml::from_str(text)?;
    let patterns: Result<Vec<_>, _> = file
        .card
        .iter()
        .map(|card| CardPattern::parse(&card.id, &card.name, &card.atr, card.mask.as_deref()))
        .collect();
    Ok(patterns?)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_entry_can_be_read_and_has_its_own_id_and_a_source() {
        let file: File = toml::from_str(include_str!("../known-cards.toml")).unwrap();
        assert!(file.card.iter().all(|card| !card.source.trim().is_empty()));
        let ids: HashSet<_> = known_cards().iter().map(|card| &card.id).collect();
        assert_eq!(ids.len(), file.card.len());
    }

    #[test]
    fn no_entry_has_a_slip_of_the_pen() {
        for card in known_cards() {
            assert!(matches!(card.atr[0], 0x3b | 0x3f), "{}: TS", card.id);
            // ISO 7816-3, section 8.2.5: where there is a check character, T0 to TCK xor to zero.
            // Only the T=0 card among the known ones has none.
            if card.id != "nhs-jcop41-v221" {
                let sum = card.atr[1..].iter().fold(0, |sum, byte| sum ^ byte);
                assert_eq!(sum, 0, "{}: check character", card.id);
            }
        }
    }
}
