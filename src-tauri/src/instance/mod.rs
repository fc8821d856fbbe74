//! One tray per user and desktop session.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
pub(crate) use linux::OnlyOne;
#[cfg(windows)]
pub(crate) use windows::OnlyOne;
