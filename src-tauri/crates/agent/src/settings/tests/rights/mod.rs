//! Who may write files, as each system says it.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
pub(super) use linux::{keep, let_everyone_write};
#[cfg(windows)]
pub(super) use windows::{keep, let_everyone_write};
