//! Windows: its own version.

use cardea_win32::windows_version;

/// Names and versions.
pub(super) fn versions() -> Vec<(String, String)> {
    vec![("Windows".to_owned(), windows_version().to_string())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_is_at_least_the_tenth() {
        let (name, version) = &versions()[0];
        assert_eq!(name, "Windows");
        let major = version.split('.').next().unwrap();
        assert!(major.parse::<u32>().unwrap() >= 6, "{version}");
    }
}
