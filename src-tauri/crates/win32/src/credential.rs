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
    let found = Found {
        memory: found.cast(),
        credentials: vec![found],
    };
    // SAFETY: Windows gave a credential, ours until it is freed.
    let secret = found
        .credentials
        .first()
        .map(|&one| unsafe { secret_of(one) });
    Ok(secret.map(|secret| look(secret)))
}

/// What Windows gave; its secrets are wiped before it is freed, whatever happens meanwhile.
struct Found {
    memory: *mut c_void,
    credentials: Vec<*mut CREDENTIALW>,
}

impl Drop for Found {
    fn drop(&mut self) {
        for &credential in &self.credentials {
            // SAFETY: ours until it is freed below; nobody looks at it any more.
            for byte in unsafe { secret_of(credential) } {
                // SAFETY: a place inside of the secret.
                unsafe { std::ptr::write_volatile(byte, 0) };
            }
        }
        // SAFETY: freed once, with all that it points to.
        unsafe { CredFree(self.memory) };
    }
}

/// # Safety
/// A credential that Windows gave and that is not freed, and nobody else looks at its secret.
unsafe fn secret_of<'a>(credential: *mut CREDENTIALW) -> &'a mut [u8] {
    // SAFETY: the caller's credential; its secret has that size.
    unsafe {
        let (secret, size) = (
            (*credential).CredentialBlob,
            (*credential).CredentialBlobSize,
        );
        match secret.is_null() || size == 0 {
            true => &mut [],
            false => std::slice::from_raw_parts_mut(secret, size as usize),
        }
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
    let credentials = unsafe { std::slice::from_raw_parts(found, count as usize) };
    let found = Found {
        memory: found.cast(),
        credentials: credentials.to_vec(),
    };
    let name = |&credential: &*mut CREDENTIALW| {
        // SAFETY: a credential of the list, whose name is a text with a zero at its end.
        let name = unsafe { text::read((*credential).TargetName) };
        name.to_string_lossy().into_owned()
    };
    Ok(found.credentials.iter().map(name).collect())
}

fn is_absent(answer: &io::Result<()>) -> bool {
    let code = answer.as_ref().err().and_then(io::Error::raw_os_error);
    code == Some(ERROR_NOT_FOUND.cast_signed())
}
