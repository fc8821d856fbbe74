//! What is typed at a terminal and not shown.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
pub(crate) use linux::Hidden;
#[cfg(windows)]
pub(crate) use windows::Hidden;
