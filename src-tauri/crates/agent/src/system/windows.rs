//! What Windows says of itself.

use cardea_win32::registry::Hive;
use cardea_win32::windows_version;

use super::registry::Texts;

const PRODUCT: &str = r"Software\Microsoft\Windows NT\CurrentVersion";

/// From this build on it is Windows 11, which still calls itself 10 there.
const WINDOWS_11: u32 = 22_000;

/// For instance `Windows 11 Pro 24H2 (10.0.26100)`.
pub(crate) fn name() -> String {
    let version = windows_version();
    let texts = Texts::of(Hive::LocalMachine, PRODUCT);
    let said = |name| texts.as_ref()?.named(name);
    let mut product = said("ProductName").unwrap_or("Windows").to_owned();
    if version.build >= WINDOWS_11 {
        product = product.replace("Windows 10", "Windows 11");
    }
    match said("DisplayVersion") {
        Some(display) => format!("{product} {display} ({version})"),
        None => format!("{product} ({version})"),
    }
}

/// Names and versions.
pub(crate) fn versions() -> Vec<(String, String)> {
    vec![("system".to_owned(), name())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_is_at_least_the_tenth() {
        let (_, name) = &versions()[0];
        assert!(name.contains("Windows") && name.ends_with(')'), "{name}");
        assert!(windows_version().major >= 6, "{name}");
    }
}
