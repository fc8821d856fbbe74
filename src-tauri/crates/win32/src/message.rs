//! A message box of the window system.

use std::io;
use std::ptr::null_mut;

use windows_sys::Win32::UI::WindowsAndMessaging::{
    IDOK, IDYES, MB_ICONWARNING, MB_OK, MB_SETFOREGROUND, MB_YESNO, MessageBoxW,
};

use crate::text::wide;

/// What can be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Buttons {
    /// That it was read.
    Ok,
    /// Yes or no.
    YesNo,
}

/// Shows a warning until it is answered; gives whether the answer is yes, or that it was read.
///
/// # Errors
/// What Windows says, for instance where nothing can be shown.
pub fn message_box(title: &str, text: &str, buttons: Buttons) -> io::Result<bool> {
    let buttons = match buttons {
        Buttons::Ok => MB_OK,
        Buttons::YesNo => MB_YESNO,
    };
    let (title, text) = (wide(title), wide(text));
    let style = buttons | MB_ICONWARNING | MB_SETFOREGROUND;
    // SAFETY: texts with a zero at their ends that live until the call returns, and no owner.
    match unsafe { MessageBoxW(null_mut(), text.as_ptr(), title.as_ptr(), style) } {
        0 => Err(io::Error::last_os_error()),
        answer => Ok(answer == IDOK || answer == IDYES),
    }
}
