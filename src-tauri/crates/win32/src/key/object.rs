//! What the functions on keys have in common: handles, properties, answers.

use std::ffi::c_void;
use std::io;

use windows_sys::Win32::Security::Cryptography::{
    NCRYPT_FLAGS, NCRYPT_HANDLE, NCRYPT_SECURITY_DESCR_PROPERTY, NCryptFreeObject,
    NCryptGetProperty, NCryptOpenStorageProvider, NCryptSetProperty,
};
use windows_sys::Win32::Security::{
    DACL_SECURITY_INFORMATION, GetSecurityDescriptorLength, IsValidSecurityDescriptor,
    OWNER_SECURITY_INFORMATION,
};
use windows_sys::core::{HRESULT, PCWSTR};

use crate::{Keepers, Kept, Outsider, Rights};

/// What CNG opened, given back when dropped.
#[derive(Debug)]
pub(super) struct Object(pub(super) NCRYPT_HANDLE);

impl Object {
    pub(super) fn set_number(
        &self,
        property: PCWSTR,
        value: u32,
        flags: NCRYPT_FLAGS,
    ) -> io::Result<()> {
        let bytes = value.to_ne_bytes();
        let size = size_of_value(&bytes)?;
        // SAFETY: what was opened, a text with a zero at its end, and bytes of that size.
        done(unsafe { NCryptSetProperty(self.0, property, bytes.as_ptr(), size, flags) })
    }

    /// Somebody but the keepers who made this key or may change it.
    pub(super) fn outsider(&self, keepers: &Keepers) -> io::Result<Option<Outsider>> {
        let mut size = 0;
        let what = OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;
        let mut ask = |buffer: *mut u8, length: u32| {
            // SAFETY: a key, a text with a zero at its end, and a buffer of that length, or none.
            done(unsafe {
                NCryptGetProperty(
                    self.0,
                    NCRYPT_SECURITY_DESCR_PROPERTY,
                    buffer,
                    length,
                    &raw mut size,
                    what,
                )
            })?;
            Ok::<_, io::Error>(size)
        };
        let length = ask(std::ptr::null_mut(), 0)?;
        // Aligned for everything that a descriptor holds.
        let mut descriptor = vec![0_u64; (length as usize).div_ceil(8)];
        ask(descriptor.as_mut_ptr().cast(), length)?;
        let descriptor = descriptor.as_mut_ptr().cast::<c_void>();
        // SAFETY: the buffer that Windows filled with a descriptor, if it is one.
        unsafe {
            if IsValidSecurityDescriptor(descriptor) == 0 {
                return Err(io::ErrorKind::InvalidData.into());
            }
            keepers.judge(descriptor, Kept::SigningKey)
        }
    }

    pub(super) fn set_rights(&self, rights: &Rights) -> io::Result<()> {
        let attributes = rights.attributes()?;
        let descriptor = attributes.descriptor();
        // SAFETY: a key that is being made, a text with a zero at its end, and a descriptor in one
        // piece that says how long it is and lives until the call returns.
        done(unsafe {
            let size = GetSecurityDescriptorLength(descriptor);
            NCryptSetProperty(
                self.0,
                NCRYPT_SECURITY_DESCR_PROPERTY,
                descriptor.cast(),
                size,
                OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION,
            )
        })
    }
}

impl Drop for Object {
    fn drop(&mut self) {
        // SAFETY: opened by us, and given back once.
        unsafe {
            NCryptFreeObject(self.0);
        }
    }
}

pub(super) fn open_provider(name: PCWSTR) -> io::Result<Object> {
    let mut opened = 0;
    // SAFETY: a place for the answer, and a text with a zero at its end.
    done(unsafe { NCryptOpenStorageProvider(&raw mut opened, name, 0) })?;
    Ok(Object(opened))
}

/// Makes a call first without a place for its answer, which then says how long that has to be.
pub(super) fn twice(call: impl Fn(*mut u8, u32, *mut u32) -> HRESULT) -> io::Result<Vec<u8>> {
    let mut length = 0;
    done(call(std::ptr::null_mut(), 0, &raw mut length))?;
    let mut answer = vec![0; length as usize];
    done(call(answer.as_mut_ptr(), length, &raw mut length))?;
    answer.truncate(length as usize);
    Ok(answer)
}

pub(super) fn size_of_value(bytes: &[u8]) -> io::Result<u32> {
    u32::try_from(bytes.len()).map_err(|_| io::ErrorKind::InvalidInput.into())
}

pub(super) fn done(answer: HRESULT) -> io::Result<()> {
    if answer < 0 {
        return Err(io::Error::from_raw_os_error(answer));
    }
    Ok(())
}
