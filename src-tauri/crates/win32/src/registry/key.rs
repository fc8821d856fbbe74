//! A key that closes itself.

use std::io;

use windows_sys::Win32::Foundation::{
    ERROR_FILE_NOT_FOUND, ERROR_KEY_DELETED, ERROR_PATH_NOT_FOUND, WIN32_ERROR,
};
use windows_sys::Win32::System::Registry::{
    HKEY, KEY_WOW64_64KEY, REG_SAM_FLAGS, RegCloseKey, RegOpenKeyExW,
};

use super::Hive;
use crate::text::wide;

/// An open key.
#[derive(Debug)]
pub(super) struct OpenKey(HKEY);

// SAFETY: keys belong to the process, whichever thread uses or closes them.
unsafe impl Send for OpenKey {}

impl OpenKey {
    /// Takes a key that a call gave.
    ///
    /// # Safety
    /// `key` is open, and nobody else closes it.
    pub(super) unsafe fn own(key: HKEY) -> Self {
        Self(key)
    }

    /// None when there is no such key.
    pub(super) fn open(hive: Hive, path: &str, rights: REG_SAM_FLAGS) -> io::Result<Option<Self>> {
        // SAFETY: the hives are always open.
        unsafe { open(hive.raw(), path, rights) }
    }

    /// None when there is no such subkey.
    pub(super) fn open_subkey(
        &self,
        name: &str,
        rights: REG_SAM_FLAGS,
    ) -> io::Result<Option<Self>> {
        // SAFETY: this key is open.
        unsafe { open(self.0, name, rights) }
    }

    pub(super) fn raw(&self) -> HKEY {
        self.0
    }
}

impl Drop for OpenKey {
    fn drop(&mut self) {
        // SAFETY: the key is ours, and closed once.
        unsafe {
            RegCloseKey(self.0);
        }
    }
}

/// # Safety
/// `above` is an open key.
unsafe fn open(above: HKEY, path: &str, rights: REG_SAM_FLAGS) -> io::Result<Option<OpenKey>> {
    let mut key = std::ptr::null_mut();
    let path = wide(path);
    // SAFETY: the caller's key, a text with a zero at its end, and a place for the answer.
    let code = unsafe {
        RegOpenKeyExW(
            above,
            path.as_ptr(),
            0,
            rights | KEY_WOW64_64KEY,
            &raw mut key,
        )
    };
    if [
        ERROR_FILE_NOT_FOUND,
        ERROR_PATH_NOT_FOUND,
        ERROR_KEY_DELETED,
    ]
    .contains(&code)
    {
        return Ok(None);
    }
    succeeded(code)?;
    Ok(Some(OpenKey(key)))
}

/// The error that a call of the registry answers with.
pub(super) fn succeeded(code: WIN32_ERROR) -> io::Result<()> {
    if code == 0 {
        return Ok(());
    }
    Err(io::Error::from_raw_os_error(code.cast_signed()))
}
