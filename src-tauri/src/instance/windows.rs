//! Windows: a name of the desktop session.

use std::ffi::OsStr;
use std::io;

use cardea_win32::Lock;

/// This tray is the only one while it lives; the operating system lets go of it whatever happens.
#[derive(Debug)]
pub(crate) struct OnlyOne {
    _lock: Lock,
}

impl OnlyOne {
    /// Takes the place of the tray; none when another has it.
    pub(crate) fn take() -> io::Result<Option<Self>> {
        let lock = Lock::take(OsStr::new("Cardea-desktop"))?;
        Ok(lock.map(|lock| Self { _lock: lock }))
    }
}
