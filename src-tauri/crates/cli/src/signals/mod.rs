//! How the system asks a program to stop.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
pub(crate) use linux::AskedToStop;
#[cfg(windows)]
pub(crate) use windows::AskedToStop;
