//! What differs between PC/SC services: on Debian pcscd runs or does not; Windows stops its service
//! with the last reader.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
use linux as os;
#[cfg(windows)]
use windows as os;

pub(crate) use os::{StartWatch, meaning};
