//! What the distribution says of itself and of its packages, in its files.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _};

/// What has a part in reading cards.
const PACKAGES: &[&str] = &["pcscd", "libpcsclite1", "libccid"];

/// More than the list of packages ever has, in bytes.
const LONGEST_LIST: u64 = 64 * 1024 * 1024;

/// As the distribution calls itself.
pub(crate) fn name() -> String {
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    named(&release, "PRETTY_NAME").unwrap_or_else(|| "Linux".to_owned())
}

/// Names and versions. No program is run for it, so that none runs as root when this one does.
pub(crate) fn versions() -> Vec<(String, String)> {
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let mut versions = vec![
        ("system".to_owned(), name()),
        ("kernel".to_owned(), kernel.trim().to_owned()),
    ];
    if let Ok(list) = File::open("/var/lib/dpkg/status") {
        versions.extend(packages(list.take(LONGEST_LIST)));
    }
    versions
}

/// A value of os-release(5).
fn named(release: &str, name: &str) -> Option<String> {
    release.lines().find_map(|line| {
        let value = line.strip_prefix(name)?.strip_prefix('=')?;
        Some(value.trim_matches('"').to_owned())
    })
}

/// The installed ones of [`PACKAGES`] in a list of dpkg's.
fn packages(list: impl std::io::Read) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let (mut package, mut is_installed) = (None, false);
    for line in BufReader::new(list).lines().map_while(Result::ok) {
        if let Some(name) = line.strip_prefix("Package: ") {
            package = Some(name.to_owned()).filter(|name| PACKAGES.contains(&name.as_str()));
            is_installed = false;
        } else if let Some(status) = line.strip_prefix("Status: ") {
            is_installed = status.ends_with(" installed");
        } else if let Some(version) = line.strip_prefix("Version: ")
            && is_installed
            && let Some(name) = package.take()
        {
            found.push((name, version.to_owned()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn installed_packages_are_found() {
        let list = "Package: pcscd\nStatus: install ok installed\nVersion: 1.9.9-2\n\n\
                    Package: other\nStatus: install ok installed\nVersion: 3\n\n\
                    Package: libccid\nStatus: deinstall ok config-files\nVersion: 1.5\n";
        let pcscd = ("pcscd".to_owned(), "1.9.9-2".to_owned());
        assert_eq!(packages(list.as_bytes()), [pcscd]);
    }

    #[test]
    fn the_distribution_is_named() {
        let release = "NAME=\"Debian\"\nPRETTY_NAME=\"Debian GNU/Linux 12\"\n";
        assert_eq!(
            named(release, "PRETTY_NAME").as_deref(),
            Some("Debian GNU/Linux 12")
        );
        assert_eq!(named("", "PRETTY_NAME"), None);
        let kernel = &versions()[1];
        assert!(kernel.0 == "kernel" && !kernel.1.is_empty());
    }
}
