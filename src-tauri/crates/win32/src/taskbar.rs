//! What the taskbar wants of icons.

use windows_sys::Win32::UI::HiDpi::{GetDpiForSystem, GetSystemMetricsForDpi};
use windows_sys::Win32::UI::WindowsAndMessaging::SM_CXSMICON;

/// How wide and high a small icon is, in points of the screen.
#[must_use]
pub fn small_icon_side() -> u32 {
    // SAFETY: both take and give numbers only.
    let side = unsafe { GetSystemMetricsForDpi(SM_CXSMICON, GetDpiForSystem()) };
    u32::try_from(side).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_icon_has_a_size() {
        assert!(small_icon_side() >= 16);
    }
}
