//! Waiting for one of several things.

use std::io;
use std::os::windows::io::{AsHandle, AsRawHandle as _, BorrowedHandle, OwnedHandle};
use std::time::Duration;

use windows_sys::Win32::Foundation::{HANDLE, WAIT_OBJECT_0, WAIT_TIMEOUT};
use windows_sys::Win32::System::Threading::{
    CreateEventW, ResetEvent, SetEvent, WaitForMultipleObjects,
};

use crate::handle::{own, succeeded};

/// The most that one wait can be for (`MAXIMUM_WAIT_OBJECTS`).
const MOST: usize = 64;

/// What one thread sets and another waits for. It stays set until it is reset.
#[derive(Debug)]
pub struct Event(OwnedHandle);

impl Event {
    /// One that is not set.
    ///
    /// # Errors
    /// What Windows says.
    pub fn new() -> io::Result<Self> {
        let (by_hand, set) = (1, 0);
        // SAFETY: no rights and no name are given; the handle is ours.
        let handle = unsafe {
            own(CreateEventW(
                std::ptr::null(),
                by_hand,
                set,
                std::ptr::null(),
            ))
        };
        Ok(Self(handle?))
    }

    /// Ends every wait for it.
    ///
    /// # Errors
    /// What Windows says.
    pub fn set(&self) -> io::Result<()> {
        // SAFETY: an open event.
        succeeded(unsafe { SetEvent(self.0.as_raw_handle()) })
    }

    /// From now on it has to be set anew.
    ///
    /// # Errors
    /// What Windows says.
    pub fn reset(&self) -> io::Result<()> {
        // SAFETY: an open event.
        succeeded(unsafe { ResetEvent(self.0.as_raw_handle()) })
    }
}

impl AsHandle for Event {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.0.as_handle()
    }
}

/// Which of these, of 1 to 64, is set; the first one counts. None when none is within `limit`.
///
/// # Errors
/// What Windows says.
pub fn wait_for_any(handles: &[BorrowedHandle<'_>], limit: Duration) -> io::Result<Option<usize>> {
    if handles.is_empty() || handles.len() > MOST {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let raw: Vec<HANDLE> = handles
        .iter()
        .map(|handle| handle.as_raw_handle())
        .collect();
    // One less than `INFINITE`: every wait has an end.
    let milliseconds = u32::try_from(limit.as_millis()).unwrap_or(u32::MAX - 1);
    let all = 0;
    // SAFETY: as many open handles as it is told.
    let answer =
        unsafe { WaitForMultipleObjects(handles.len() as u32, raw.as_ptr(), all, milliseconds) };
    match answer {
        WAIT_TIMEOUT => Ok(None),
        _ if answer.wrapping_sub(WAIT_OBJECT_0) < handles.len() as u32 => {
            Ok(Some(answer.wrapping_sub(WAIT_OBJECT_0) as usize))
        }
        _ => Err(io::Error::last_os_error()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_event_that_is_set_ends_the_wait() {
        let (one, other) = (Event::new().unwrap(), Event::new().unwrap());
        let wait = || wait_for_any(&[one.as_handle(), other.as_handle()], Duration::ZERO).unwrap();
        assert_eq!(wait(), None);
        other.set().unwrap();
        assert_eq!(wait(), Some(1));
        one.set().unwrap();
        assert_eq!(wait(), Some(0));
        one.reset().unwrap();
        assert_eq!(wait(), Some(1));
    }

    #[test]
    fn there_must_be_something_to_wait_for() {
        assert!(wait_for_any(&[], Duration::ZERO).is_err());
        let event = Event::new().unwrap();
        assert!(wait_for_any(&[event.as_handle(); MOST + 1], Duration::ZERO).is_err());
    }
}
