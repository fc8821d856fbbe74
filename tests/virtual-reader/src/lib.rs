//! Smartcard readers without hardware, for tests: preloaded into an unmodified pcscd 1.9.9, it
//! answers pcscd's libudev calls with USB readers of its own, stands in for the driver of USB
//! readers, and moves `/run/pcscd` into the test's folder, so that each test has a pcscd to itself
//! and any user can run it.
//!
//! Readers come and go and cards are put in and taken out by the commands of `control`; pcscd hears
//! of each change at once and in order, however fast they follow each other.
//!
//! `VIRTUAL_READER_DIR` names the test's folder; without it nothing is changed.

mod control;
mod driver;
mod paths;
mod readers;
mod udev;

use std::path::PathBuf;

/// The test's folder.
fn folder() -> Option<PathBuf> {
    std::env::var_os("VIRTUAL_READER_DIR").map(PathBuf::from)
}
