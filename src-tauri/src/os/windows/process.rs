//! Another process.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// A process; never another one that was given its number since.
#[derive(Debug)]
pub(crate) struct Process(cardea_win32::Process);

impl Process {
    /// The process of this number.
    pub(crate) fn open(id: u32) -> io::Result<Self> {
        cardea_win32::Process::open(id).map(Self)
    }

    /// The program it runs.
    pub(crate) fn program(&self) -> io::Result<PathBuf> {
        self.0.program()?.canonicalize()
    }

    /// Ends it, and waits until it has gone; not longer than `limit`.
    pub(crate) fn end(&self, limit: Duration) -> io::Result<()> {
        self.0.end(limit)
    }
}
