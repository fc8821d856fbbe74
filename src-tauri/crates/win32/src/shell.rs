//! What the desktop does for programs.

use std::io;

use windows_sys::Win32::UI::Shell::ShellExecuteW;
use windows_sys::Win32::UI::WindowsAndMessaging::SW_SHOWNORMAL;

use crate::text::wide;

/// Answers above this are no errors (`ShellExecuteW`).
const LARGEST_ERROR: isize = 32;

/// Has the desktop open an address with the program that the user chose for it. The caller sees to
/// it that it is an address: Windows would start a program by its name, too.
///
/// # Errors
/// What Windows says.
pub fn open_address(address: &str) -> io::Result<()> {
    let (verb, address) = (wide("open"), wide(address));
    let none = std::ptr::null();
    // SAFETY: texts with a zero at their ends; no window, no parameters, no folder.
    let answer = unsafe {
        ShellExecuteW(
            std::ptr::null_mut(),
            verb.as_ptr(),
            address.as_ptr(),
            none,
            none,
            SW_SHOWNORMAL,
        )
    };
    if answer as isize <= LARGEST_ERROR {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}
