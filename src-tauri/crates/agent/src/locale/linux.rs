//! The locale variables (POSIX.1-2017, section 8.2).

use cardea_login::Language;

/// The user's language, when the agent speaks it, else English.
pub(crate) fn language() -> Language {
    let variables = ["LC_ALL", "LC_MESSAGES", "LANG"].map(|name| std::env::var(name).ok());
    of(variables.iter().flatten().map(String::as_str))
}

/// The first variable that is set and not empty counts.
fn of<'a>(mut variables: impl Iterator<Item = &'a str>) -> Language {
    let locale = variables
        .find(|value| !value.is_empty())
        .unwrap_or_default();
    match locale.split(['_', '.', '@']).next() {
        Some("cy") => Language::Welsh,
        Some(_) | None => Language::English,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_variable_that_says_something_counts() {
        assert_eq!(
            of(["", "cy_GB.UTF-8", "en_GB.UTF-8"].into_iter()),
            Language::Welsh
        );
        assert_eq!(of(["en_GB.UTF-8", "cy_GB"].into_iter()), Language::English);
        assert_eq!(of(["C"].into_iter()), Language::English);
        assert_eq!(of(std::iter::empty()), Language::English);
    }
}
