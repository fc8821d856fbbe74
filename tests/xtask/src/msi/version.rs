//! Versions as the installer counts them.

use std::error::Error;
use std::fmt;

/// Three numbers; Windows Installer knows no more, and no pre-releases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Version {
    major: u8,
    minor: u8,
    patch: u16,
}

impl Version {
    /// That of all our packages, which share one.
    pub(super) fn of_the_workspace() -> Result<Self, Box<dyn Error>> {
        Self::parse(env!("CARGO_PKG_VERSION"))
    }

    fn parse(text: &str) -> Result<Self, Box<dyn Error>> {
        let parts: Vec<_> = text.split('.').collect();
        let [major, minor, patch] = parts[..] else {
            return Err(format!("{text}: a version has three numbers").into());
        };
        let wrong = |_| format!("{text}: at most 255.255.65535, without a pre-release");
        Ok(Self {
            major: major.parse().map_err(wrong)?,
            minor: minor.parse().map_err(wrong)?,
            patch: patch.parse().map_err(wrong)?,
        })
    }

    /// A later one, for tests.
    pub(super) fn later_by(self, patches: u16) -> Self {
        Self {
            patch: self.patch + patches,
            ..self
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_windows_installer_counts_is_a_version() {
        assert_eq!(Version::parse("0.1.0").unwrap().to_string(), "0.1.0");
        assert_eq!(
            Version::parse("0.1.0").unwrap().later_by(2).to_string(),
            "0.1.2"
        );
        for wrong in ["1.2", "1.2.3.4", "256.0.0", "1.2.65536", "1.2.3-beta.1"] {
            assert!(Version::parse(wrong).is_err(), "{wrong}");
        }
        assert!(Version::of_the_workspace().is_ok());
    }
}
