//! A hook and what it started.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
pub(super) use linux::{Family, alone};
#[cfg(windows)]
pub(super) use windows::{Family, alone};
