//! There is none: log and audit say it all.

use std::io;

use super::Entry;

type Write = fn(Entry) -> io::Result<()>;

pub(super) fn writer() -> Option<Write> {
    None
}
