//! A lock that one process of a session holds.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::windows::io::OwnedHandle;

use windows_sys::Win32::Foundation::{ERROR_ALREADY_EXISTS, GetLastError};
use windows_sys::Win32::System::Threading::CreateMutexW;

use crate::handle::own;
use crate::text::wide;
use crate::{Rights, Sid};

/// A name that this process has taken: a kernel object of its session, which goes with it.
#[derive(Debug)]
pub struct Lock {
    _object: OwnedHandle,
}

impl Lock {
    /// Takes a name, without backslashes in it; none when a process of this user has it.
    ///
    /// # Errors
    /// What Windows says, for instance when a process of another user has it.
    pub fn take(name: &OsStr) -> io::Result<Option<Self>> {
        let rights = Rights::none().all_for(&Sid::of_this_user()?).attributes()?;
        let mut local = OsString::from("Local\\");
        local.push(name);
        let local = wide(local);
        // SAFETY: rights that live until the call returns, and a text with a zero at its end; the
        // handle is ours. Windows says by the last error whether somebody made the object before.
        let (object, error) = unsafe {
            let object = CreateMutexW(rights.raw(), 0, local.as_ptr());
            (own(object), GetLastError())
        };
        let object = object?;
        Ok((error != ERROR_ALREADY_EXISTS).then_some(Self { _object: object }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_taken_once_until_it_is_given_up() {
        let name = OsString::from(format!("lock-of-test-{}", std::process::id()));
        let held = Lock::take(&name).unwrap();
        assert!(held.is_some());
        assert!(Lock::take(&name).unwrap().is_none());
        drop(held);
        assert!(Lock::take(&name).unwrap().is_some());
    }
}
