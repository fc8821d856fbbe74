//! The user's languages for windows and messages (Microsoft, "User Interface Language Management").

use cardea_login::Language;

/// The first of the user's languages that the agent speaks, else English.
pub(crate) fn language() -> Language {
    let languages = cardea_win32::preferred_languages().unwrap_or_default();
    of(languages.iter().map(String::as_str))
}

fn of<'a>(languages: impl Iterator<Item = &'a str>) -> Language {
    let mut known = languages.filter_map(|name| match name.split('-').next() {
        Some("cy") => Some(Language::Welsh),
        Some("en") => Some(Language::English),
        Some(_) | None => None,
    });
    known.next().unwrap_or(Language::English)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_language_that_the_agent_speaks_counts() {
        let of = |names: &[&str]| of(names.iter().copied());
        assert_eq!(of(&["cy-GB", "en-GB"]), Language::Welsh);
        assert_eq!(of(&["en-GB", "cy-GB"]), Language::English);
        assert_eq!(of(&["pl-PL", "cy"]), Language::Welsh);
        assert_eq!(of(&["pl-PL"]), Language::English);
        assert_eq!(of(&[]), Language::English);
    }
}
