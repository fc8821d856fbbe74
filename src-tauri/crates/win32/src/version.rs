//! Which Windows this is.

use std::fmt;

use windows_sys::Wdk::System::SystemServices::RtlGetVersion;
use windows_sys::Win32::System::SystemInformation::OSVERSIONINFOW;

/// The version of Windows, also for programs whose manifest does not know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowsVersion {
    /// 10 for Windows 10 and 11.
    pub major: u32,
    /// 0 for these.
    pub minor: u32,
    /// From 22000 on it is Windows 11.
    pub build: u32,
}

impl fmt::Display for WindowsVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.build)
    }
}

/// Asks Windows.
#[must_use]
pub fn windows_version() -> WindowsVersion {
    let mut version = OSVERSIONINFOW {
        dwOSVersionInfoSize: size_of::<OSVERSIONINFOW>() as u32,
        ..Default::default()
    };
    // SAFETY: a place for the answer, with its size in it. It always succeeds (Microsoft).
    unsafe { RtlGetVersion(&raw mut version) };
    WindowsVersion {
        major: version.dwMajorVersion,
        minor: version.dwMinorVersion,
        build: version.dwBuildNumber,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_says_its_version() {
        let version = windows_version();
        assert!(version.major >= 6 && version.build > 0, "{version}");
    }
}
