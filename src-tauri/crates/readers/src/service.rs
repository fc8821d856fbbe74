//! What differs between PC/SC services: on Debian pcscd runs or does not; Windows stops its service
//! with the last reader.

#[cfg(target_os = "linux")]
mod linux;

#[cfg(target_os = "linux")]
pub(crate) use linux::meaning;
