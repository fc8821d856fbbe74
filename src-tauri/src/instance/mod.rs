//! One tray and one window per user and desktop session.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
pub(crate) use linux::OnlyOne;
#[cfg(windows)]
pub(crate) use windows::OnlyOne;

/// A part of the desktop that there is one of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// The tray.
    Tray,
    /// The window.
    Window,
}
