//! Handles that close themselves.

use std::io;
use std::os::windows::io::{FromRawHandle as _, OwnedHandle};

use windows_sys::Win32::Foundation::{HANDLE, INVALID_HANDLE_VALUE};

/// Takes a handle that a call gave.
///
/// # Errors
/// The last error, when the call gave none.
///
/// # Safety
/// `handle` is the answer of a Win32 call that has just been made, and nobody else closes it.
pub(crate) unsafe fn own(handle: HANDLE) -> io::Result<OwnedHandle> {
    if handle.is_null() || handle == INVALID_HANDLE_VALUE {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: it is a handle, and it is ours.
    Ok(unsafe { OwnedHandle::from_raw_handle(handle) })
}

/// The last error, when a call answered with zero.
pub(crate) fn succeeded(answer: i32) -> io::Result<()> {
    if answer == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}
