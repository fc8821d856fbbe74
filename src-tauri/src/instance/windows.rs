//! Windows: a name of the desktop session.

use std::ffi::OsStr;
use std::io;

use cardea_win32::Lock;

use super::Part;

/// This process is the only one of its part while it lives; the operating system lets go of it
/// whatever happens.
#[derive(Debug)]
pub(crate) struct OnlyOne {
    _lock: Lock,
}

impl OnlyOne {
    /// Takes the place of this part; none when another process has it.
    pub(crate) fn take(part: Part) -> io::Result<Option<Self>> {
        let name = match part {
            Part::Tray => "Cardea-desktop",
            Part::Window => "Cardea-window",
        };
        let lock = Lock::take(OsStr::new(name))?;
        Ok(lock.map(|lock| Self { _lock: lock }))
    }
}
