//! Whether an ID token shows that a smartcard was used (contract, section 3.3 rule 8).

use wildmatch::WildMatch;

use crate::{EvidenceIn, Settings};

/// What the provider says about how the user signed in, cut down to what can be shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("amr: {}; acr: {}", list(.amr), list(.acr.as_slice()))]
pub(crate) struct Methods {
    /// The authentication methods that came.
    pub(crate) amr: Vec<String>,
    /// The authentication context class that came.
    pub(crate) acr: Option<String>,
}

/// How many methods are shown, and how long each may be.
const SHOWN_METHODS: usize = 8;
const SHOWN_LENGTH: usize = 64;

fn list(values: &[String]) -> String {
    if values.is_empty() {
        return "none".to_owned();
    }
    let shown = |value: &String| -> String {
        let graphic = value.chars().filter(char::is_ascii_graphic);
        graphic.take(SHOWN_LENGTH).collect()
    };
    let values: Vec<_> = values.iter().take(SHOWN_METHODS).map(shown).collect();
    values.join(", ")
}

impl Methods {
    /// Whether one of them fits one of the patterns. An `acr` that we asked for says nothing: the
    /// provider may only be repeating our words.
    pub(crate) fn show_a_smartcard(&self, settings: &Settings) -> bool {
        settings
            .smartcard_evidence_in
            .iter()
            .any(|place| match place {
                EvidenceIn::Amr => self.amr.iter().any(|method| fits(method, settings)),
                EvidenceIn::Acr => self
                    .acr
                    .as_deref()
                    .is_some_and(|acr| !was_requested(acr, settings) && fits(acr, settings)),
            })
    }
}

fn was_requested(acr: &str, settings: &Settings) -> bool {
    let mut requested = settings.acr_values.split_ascii_whitespace();
    requested.any(|value| value.eq_ignore_ascii_case(acr))
}

fn fits(value: &str, settings: &Settings) -> bool {
    let value = value.to_ascii_uppercase();
    let mut patterns = settings.smartcard_evidence.iter();
    patterns.any(|pattern| WildMatch::new(&pattern.to_ascii_uppercase()).matches(&value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn methods(amr: &[&str], acr: Option<&str>) -> Methods {
        Methods {
            amr: amr.iter().map(|&method| method.to_owned()).collect(),
            acr: acr.map(str::to_owned),
        }
    }

    #[test]
    fn a_method_that_fits_a_pattern_shows_a_smartcard() {
        let settings = Settings::default();
        assert!(methods(&["N3_SMARTCARD"], None).show_a_smartcard(&settings));
        assert!(methods(&["pwd", "cis2_smartcard"], None).show_a_smartcard(&settings));
        assert!(!methods(&["pwd"], None).show_a_smartcard(&settings));
        assert!(!methods(&[], None).show_a_smartcard(&settings));
    }

    #[test]
    fn the_class_counts_only_where_the_settings_say_so_and_when_not_requested() {
        let by_default = Settings::default();
        let by_class = Settings {
            smartcard_evidence_in: vec![EvidenceIn::Amr, EvidenceIn::Acr],
            ..Settings::default()
        };
        let requested = Settings {
            acr_values: "AAL3_FIDO2 aal3_smartcard".to_owned(),
            ..by_class.clone()
        };
        let card = methods(&["pwd"], Some("AAL3_SMARTCARD"));
        assert!(!card.show_a_smartcard(&by_default));
        assert!(card.show_a_smartcard(&by_class));
        assert!(!card.show_a_smartcard(&requested));
    }

    #[test]
    fn what_came_is_shown_short_and_plain() {
        let shown = methods(&["pwd", "a\nb"], Some("AAL2_ANY")).to_string();
        assert_eq!(shown, "amr: pwd, ab; acr: AAL2_ANY");
        let long = "x".repeat(1_000);
        assert!(methods(&[&long], None).to_string().len() < 100);
        assert_eq!(methods(&[], None).to_string(), "amr: none; acr: none");
    }
}
