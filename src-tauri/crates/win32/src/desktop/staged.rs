//! What Windows would send to the watch of another process, sent by a test.

use std::io;

use windows_sys::Win32::UI::WindowsAndMessaging::{
    FindWindowW, PBT_APMRESUMEAUTOMATIC, PBT_APMSUSPEND, SMTO_NORMAL, SendMessageTimeoutW,
    WM_ENDSESSION, WM_POWERBROADCAST, WM_WTSSESSION_CHANGE, WTS_REMOTE_DISCONNECT,
    WTS_SESSION_LOCK, WTS_SESSION_UNLOCK,
};

use super::watch::CLASS;
use crate::text::wide;

/// How long the watch may take, in milliseconds.
const LIMIT: u32 = 20_000;

/// Something that happens to the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Staged {
    /// The workstation is locked.
    Lock,
    /// It is unlocked.
    Unlock,
    /// A remote session is disconnected.
    Disconnect,
    /// The computer goes to sleep.
    Suspend,
    /// It is back.
    Resume,
    /// The user logs off.
    LogOff,
}

/// Sends it to the watch of this desktop, and waits until it has been taken in.
///
/// # Errors
/// When there is no watch, or it does not answer.
pub fn stage(what: Staged) -> io::Result<()> {
    let (message, about) = match what {
        Staged::Lock => (WM_WTSSESSION_CHANGE, WTS_SESSION_LOCK),
        Staged::Unlock => (WM_WTSSESSION_CHANGE, WTS_SESSION_UNLOCK),
        Staged::Disconnect => (WM_WTSSESSION_CHANGE, WTS_REMOTE_DISCONNECT),
        Staged::Suspend => (WM_POWERBROADCAST, PBT_APMSUSPEND),
        Staged::Resume => (WM_POWERBROADCAST, PBT_APMRESUMEAUTOMATIC),
        Staged::LogOff => (WM_ENDSESSION, 1),
    };
    let class = wide(CLASS);
    // SAFETY: a text with a zero at its end, any title.
    let window = unsafe { FindWindowW(class.as_ptr(), std::ptr::null()) };
    if window.is_null() {
        return Err(io::Error::last_os_error());
    }
    let mut answer = 0;
    // SAFETY: a window, numbers, and a place for the answer.
    let answered = unsafe {
        SendMessageTimeoutW(
            window,
            message,
            about as usize,
            0,
            SMTO_NORMAL,
            LIMIT,
            &raw mut answer,
        )
    };
    if answered == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}
