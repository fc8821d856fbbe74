//! The languages that the user chose.

use std::io;

use windows_sys::Win32::Globalization::{GetUserPreferredUILanguages, MUI_LANGUAGE_NAME};

use crate::handle::succeeded;

/// The user's languages for windows and messages, best first, by their names: `cy-GB`, `en-GB`.
///
/// # Errors
/// What Windows says.
pub fn preferred_languages() -> io::Result<Vec<String>> {
    let (mut count, mut length) = (0, 0);
    // SAFETY: without a buffer it only says how long it has to be.
    succeeded(unsafe {
        let none = std::ptr::null_mut();
        GetUserPreferredUILanguages(MUI_LANGUAGE_NAME, &raw mut count, none, &raw mut length)
    })?;
    let mut names = vec![0_u16; length as usize];
    // SAFETY: a buffer of that length.
    succeeded(unsafe {
        let place = names.as_mut_ptr();
        GetUserPreferredUILanguages(MUI_LANGUAGE_NAME, &raw mut count, place, &raw mut length)
    })?;
    let names = names
        .split(|unit| *unit == 0)
        .filter(|name| !name.is_empty());
    Ok(names.map(String::from_utf16_lossy).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_language() {
        let languages = preferred_languages().unwrap();
        assert!(
            languages[0].is_ascii() && languages[0].len() >= 2,
            "{languages:?}"
        );
    }
}
