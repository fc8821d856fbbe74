//! Credential Manager: secrets of this user, kept on this computer only.

use std::ffi::c_void;
use std::io;

use windows_sys::Win32::Foundation::{ERROR_NOT_FOUND, FILETIME};
use windows_sys::Win32::Security::Credentials::{
    CRED_PERSIST_LOCAL_MACHINE, CRED_TYPE_GENERIC, CREDENTIALW, CredDeleteW, CredEnumerateW,
    CredFree, CredReadW, CredWriteW,
};

use crate::handle::succeeded;
use crate::text::{self, wide};

/// Keeps `secret` by this name, in place of any it had.
///
/// # Errors
/// What Windows says.
pub fn write(name: &str, secret: &[u8]) -> io::Result<()> {
    let mut name = wide(name);
    let size = u32::try_from(secret.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    let credential = CREDENTIALW {
        Flags: 0,
        Type: CRED_TYPE_GENERIC,
        TargetName: name.as_mut_ptr(),
        Comment: std::ptr::null_mut(),
        LastWritten: FILETIME {
            dwLowDateTime: 0,
            dwHighDateTime: 0,
        },
        CredentialBlobSize: size,
        // Only read by the call.
        CredentialBlob: secret.as_ptr().cast_mut(),
        Persist: CRED_PERSIST_LOCAL_MACHINE,
        AttributeCount: 0,
        Attributes: std::ptr::null_mut(),
        TargetAlias: std::ptr::null_mut(),
        UserName: std::ptr::null_mut(),
    };
    // SAFETY: everything it points to lives until the call returns.
    succeeded(unsafe { CredWriteW(&raw const credential, 0) })
}

/// Gives the secret of this name to `look`, when there is one; the copy that Windows made is wiped.
///
/// # Errors
/// What Windows says.
pub fn read<T>(name: &str, look: impl FnOnce(&[u8]) -> T) -> io::Result<Option<T>> {
    let name = wide(name);
    let mut found = std::ptr::null_mut();
    // SAFETY: a text with a zero at its end, and a place for the answer.
    let answer =
        succeeded(unsafe { CredReadW(name.as_ptr(), CRED_TYPE_GENERIC, 0, &raw mut found) });
    if is_absent(&answer) {
        return Ok(None);
    }
    answer?;
    // SAFETY: Windows gave a credential with a secret of that size, ours until it is freed.
    unsafe {
        let size = (*found).CredentialBlobSize as usize;
        let secret = match size {
            0 => &mut [],
            size => std::slice::from_raw_parts_mut((*found).CredentialBlob, size),
        };
        let seen = look(secret);
        for byte in secret {
            std::ptr::write_volatile(byte, 0);
        }
        CredFree(found.cast::<c_void>());
        Ok(Some(seen))
    }
}

/// Removes the secret of this name; says whether there was one.
///
/// # Errors
/// What Windows says.
pub fn remove(name: &str) -> io::Result<bool> {
    let name = wide(name);
    // SAFETY: a text with a zero at its end.
    let answer = succeeded(unsafe { CredDeleteW(name.as_ptr(), CRED_TYPE_GENERIC, 0) });
    if is_absent(&answer) {
        return Ok(false);
    }
    answer?;
    Ok(true)
}

/// The names that begin so.
///
/// # Errors
/// What Windows says.
pub fn list(prefix: &str) -> io::Result<Vec<String>> {
    let filter = wide(format!("{prefix}*"));
    let (mut count, mut found) = (0, std::ptr::null_mut());
    // SAFETY: a text with a zero at its end, and places for the answer.
    let answer =
        succeeded(unsafe { CredEnumerateW(filter.as_ptr(), 0, &raw mut count, &raw mut found) });
    if is_absent(&answer) {
        return Ok(Vec::new());
    }
    answer?;
    // SAFETY: Windows gave so many pointers to credentials, which all go with the one call.
    unsafe {
        let credentials = std::slice::from_raw_parts(found, count as usize);
        let names = credentials
            .iter()
            .map(|credential| text::read((**credential).TargetName))
            .map(|name| name.to_string_lossy().into_owned())
            .collect();
        CredFree(found.cast::<c_void>());
        Ok(names)
    }
}

fn is_absent(answer: &io::Result<()>) -> bool {
    let code = answer.as_ref().err().and_then(io::Error::raw_os_error);
    code == Some(ERROR_NOT_FOUND.cast_signed())
}
