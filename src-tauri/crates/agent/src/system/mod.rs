//! What the operating system is called, and which versions of what reads cards it has.

#[cfg(target_os = "linux")]
#[path = "linux.rs"]
mod imp;
#[cfg(windows)]
#[path = "windows.rs"]
mod imp;

#[cfg(windows)]
pub(crate) mod registry;

pub(crate) use imp::{name, versions};
