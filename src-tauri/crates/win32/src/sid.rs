//! Who a user, a group or a log-on is.

use std::ffi::c_void;
use std::fmt;
use std::io;
use std::os::windows::io::{AsRawHandle as _, OwnedHandle};

use windows_sys::Win32::Foundation::{HANDLE, LocalFree};
use windows_sys::Win32::Security::Authorization::ConvertSidToStringSidW;
use windows_sys::Win32::Security::{
    GetTokenInformation, PSID, SID_AND_ATTRIBUTES, TOKEN_GROUPS, TOKEN_INFORMATION_CLASS,
    TOKEN_QUERY, TOKEN_USER, TokenGroups, TokenUser,
};
use windows_sys::Win32::System::SystemServices::SE_GROUP_LOGON_ID;
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

use crate::handle::{own, succeeded};
use crate::text;

/// A security identifier in its text form, `S-1-5-…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sid(String);

impl Sid {
    /// The user whose process this is.
    ///
    /// # Errors
    /// When Windows does not say.
    pub fn of_this_user() -> io::Result<Self> {
        user_of(&this_token()?)
    }

    /// The log-on of this process: another one for each time that a user logs on.
    ///
    /// # Errors
    /// When Windows does not say, or the process has none, as services do.
    pub fn of_this_log_on() -> io::Result<Self> {
        let groups = Information::of(&this_token()?, TokenGroups)?;
        let list = groups.as_ptr().cast::<TOKEN_GROUPS>();
        // SAFETY: Windows filled the buffer with a TOKEN_GROUPS and as many entries as it counts.
        let entries = unsafe {
            let first = (&raw const (*list).Groups).cast::<SID_AND_ATTRIBUTES>();
            std::slice::from_raw_parts(first, (*list).GroupCount as usize)
        };
        let log_on = entries
            .iter()
            .find(|group| group.Attributes & SE_GROUP_LOGON_ID as u32 == SE_GROUP_LOGON_ID as u32)
            .ok_or(io::ErrorKind::NotFound)?;
        // SAFETY: the entry points to a SID inside the buffer, which is still there.
        unsafe { Self::read(log_on.Sid) }
    }

    /// The text form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// # Safety
    /// `sid` points to a SID.
    pub(crate) unsafe fn read(sid: PSID) -> io::Result<Self> {
        let mut shown = std::ptr::null_mut();
        // SAFETY: the caller's SID; Windows allocates the text.
        succeeded(unsafe { ConvertSidToStringSidW(sid, &raw mut shown) })?;
        // SAFETY: a text with a zero at its end, freed once.
        let text = unsafe {
            let text = text::read(shown);
            LocalFree(shown.cast::<c_void>());
            text
        };
        Ok(Self(text.to_string_lossy().into_owned()))
    }
}

impl fmt::Display for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whose token this is.
pub(crate) fn user_of(token: &OwnedHandle) -> io::Result<Sid> {
    let user = Information::of(token, TokenUser)?;
    // SAFETY: Windows filled the buffer with a TOKEN_USER, whose SID lies inside it.
    unsafe { Sid::read((*user.as_ptr().cast::<TOKEN_USER>()).User.Sid) }
}

/// The token of a process.
///
/// # Safety
/// `process` is a process handle with the right to query it, or the pseudo handle of this process.
pub(crate) unsafe fn token_of(process: HANDLE) -> io::Result<OwnedHandle> {
    let mut token = std::ptr::null_mut();
    // SAFETY: the caller's handle, and a place for the answer.
    succeeded(unsafe { OpenProcessToken(process, TOKEN_QUERY, &raw mut token) })?;
    // SAFETY: the call succeeded, so that it is a handle of ours.
    unsafe { own(token) }
}

fn this_token() -> io::Result<OwnedHandle> {
    // SAFETY: the pseudo handle is always good.
    unsafe { token_of(GetCurrentProcess()) }
}

/// What Windows says of a token, aligned for every structure that it may be.
struct Information(Vec<u64>);

impl Information {
    fn of(token: &OwnedHandle, class: TOKEN_INFORMATION_CLASS) -> io::Result<Self> {
        let mut length = 0;
        // SAFETY: without a buffer it only says how long it has to be.
        unsafe {
            let none = std::ptr::null_mut();
            GetTokenInformation(token.as_raw_handle(), class, none, 0, &raw mut length);
        }
        let mut buffer = vec![0_u64; (length as usize).div_ceil(8)];
        // SAFETY: a buffer of at least that length.
        succeeded(unsafe {
            let place = buffer.as_mut_ptr().cast::<c_void>();
            GetTokenInformation(token.as_raw_handle(), class, place, length, &raw mut length)
        })?;
        Ok(Self(buffer))
    }

    fn as_ptr(&self) -> *const u64 {
        self.0.as_ptr()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_user_has_a_sid_and_it_stays_the_same() {
        let user = Sid::of_this_user().unwrap();
        assert!(user.as_str().starts_with("S-1-"), "{user}");
        assert_eq!(Sid::of_this_user().unwrap(), user);
    }
}
