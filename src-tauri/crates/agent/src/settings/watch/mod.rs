//! Notices changes of the policy and of the file of settings.

#[cfg(target_os = "linux")]
mod linux;

#[cfg(target_os = "linux")]
pub use linux::{Watch, WatchError};
