//! How the desktop session is now.

use std::io;
use std::time::Duration;

use windows_sys::Win32::System::RemoteDesktop::{
    WTS_CONNECTSTATE_CLASS, WTS_CURRENT_SERVER_HANDLE, WTS_CURRENT_SESSION, WTS_INFO_CLASS,
    WTS_SESSIONSTATE_LOCK, WTS_SESSIONSTATE_UNLOCK, WTSActive, WTSConnectState, WTSFreeMemory,
    WTSGetActiveConsoleSessionId, WTSINFOEXW, WTSQuerySessionInformationW, WTSSessionInfoEx,
};
use windows_sys::Win32::System::Shutdown::LockWorkStation;
use windows_sys::Win32::System::SystemInformation::GetTickCount;
use windows_sys::Win32::UI::Input::KeyboardAndMouse::{GetLastInputInfo, LASTINPUTINFO};

use crate::handle::succeeded;
use crate::this_session;

/// Whether the session of this process is the one that its user sits at (`WTSActive`). Where
/// Windows does not say, only the session of the console is.
#[must_use]
pub fn session_is_active() -> bool {
    match session_information::<WTS_CONNECTSTATE_CLASS>(WTSConnectState) {
        Ok(state) => state == WTSActive,
        // SAFETY: takes nothing.
        Err(_) => {
            this_session().is_ok_and(|ours| ours == unsafe { WTSGetActiveConsoleSessionId() })
        }
    }
}

/// Whether the workstation is locked; none when Windows does not say. (Windows 7 says the
/// opposite of what is documented for `SessionFlags`; 10 and 11 do not.)
#[must_use]
pub fn session_is_locked() -> Option<bool> {
    let information = session_information::<WTSINFOEXW>(WTSSessionInfoEx).ok()?;
    if information.Level != 1 {
        return None;
    }
    // SAFETY: level 1 is the one member of the union.
    let flags = unsafe { information.Data.WTSInfoExLevel1.SessionFlags };
    locked_by(flags.cast_unsigned())
}

fn locked_by(flags: u32) -> Option<bool> {
    match flags {
        WTS_SESSIONSTATE_LOCK => Some(true),
        WTS_SESSIONSTATE_UNLOCK => Some(false),
        _ => None,
    }
}

/// How long the session saw no keyboard, mouse or touch. Never more than 49.7 days.
///
/// # Errors
/// When Windows does not say.
pub fn idle_time() -> io::Result<Duration> {
    let mut input = LASTINPUTINFO {
        cbSize: size_of::<LASTINPUTINFO>() as u32,
        dwTime: 0,
    };
    // SAFETY: a structure that names its own size.
    succeeded(unsafe { GetLastInputInfo(&raw mut input) })?;
    // SAFETY: takes nothing.
    let now = unsafe { GetTickCount() };
    Ok(idle_between(input.dwTime, now))
}

/// Both count milliseconds since the start of the computer and begin again after 2^32 of them.
/// Input that came after `now` was read is no idleness of 49 days.
fn idle_between(input: u32, now: u32) -> Duration {
    let idle = now.wrapping_sub(input);
    let newer = input.wrapping_sub(now);
    if newer < 1_000 {
        return Duration::ZERO;
    }
    Duration::from_millis(idle.into())
}

/// Asks Windows to lock the workstation, which it does soon after.
///
/// # Errors
/// What Windows says: for instance that the process is on no interactive desktop.
pub fn lock_workstation() -> io::Result<()> {
    // SAFETY: takes nothing.
    succeeded(unsafe { LockWorkStation() })
}

/// Asks for what Windows knows of the session of this process.
fn session_information<T: Copy>(class: WTS_INFO_CLASS) -> io::Result<T> {
    let mut answer = std::ptr::null_mut();
    let mut length = 0;
    // SAFETY: places for a buffer and its length.
    succeeded(unsafe {
        WTSQuerySessionInformationW(
            WTS_CURRENT_SERVER_HANDLE,
            WTS_CURRENT_SESSION,
            class,
            &raw mut answer,
            &raw mut length,
        )
    })?;
    let fits = !answer.is_null() && length as usize >= size_of::<T>();
    // SAFETY: Windows filled so many bytes with what belongs to the class; freed once.
    unsafe {
        let value = fits.then(|| answer.cast::<T>().read_unaligned());
        WTSFreeMemory(answer.cast());
        value.ok_or_else(|| io::ErrorKind::InvalidData.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_who_started_this_test_sits_at_its_session() {
        assert!(session_is_active());
        assert_ne!(session_is_locked(), Some(true));
    }

    #[test]
    fn the_flags_say_locked_unlocked_or_nothing() {
        assert_eq!(locked_by(0), Some(true));
        assert_eq!(locked_by(1), Some(false));
        assert_eq!(locked_by(u32::MAX), None);
    }

    #[test]
    fn idle_time_goes_on_when_the_counter_begins_again() {
        assert_eq!(idle_between(1_000, 61_000), Duration::from_secs(60));
        assert_eq!(
            idle_between(u32::MAX - 999, 59_000),
            Duration::from_secs(60)
        );
        assert_eq!(idle_between(1_016, 1_000), Duration::ZERO);
        assert_eq!(idle_between(5, u32::MAX), Duration::ZERO);
    }

    #[test]
    fn the_idle_time_can_be_read() {
        assert!(idle_time().unwrap() < Duration::from_secs(50 * 24 * 3600));
    }
}
