//! The library that puts icons into panels. The window system opens it when the tray is made, and
//! panics where it is missing.
#![expect(unsafe_code, reason = "opening a library runs what it has for that")]

use libloading::Library;

use crate::failure::DesktopError;

/// Its names, of which the window system takes the first that is there.
const NAMES: [&str; 2] = ["libayatana-appindicator3.so.1", "libappindicator3.so.1"];

/// Whether a tray can be made.
pub(crate) fn check() -> Result<(), DesktopError> {
    match opens(&NAMES) {
        true => Ok(()),
        false => Err(DesktopError::NoIndicator),
    }
}

fn opens(names: &[&str]) -> bool {
    names.iter().any(|name| {
        // SAFETY: the window system opens the same library a moment later.
        match unsafe { Library::new(name) } {
            Ok(library) => {
                // It stays open for the window system.
                std::mem::forget(library);
                true
            }
            Err(error) => {
                tracing::debug!(%error, "a library is not there");
                false
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_that_is_missing_is_seen() {
        assert!(!opens(&["libcardea-none.so.1"]));
        assert!(opens(&["libcardea-none.so.1", "libc.so.6"]));
    }
}
