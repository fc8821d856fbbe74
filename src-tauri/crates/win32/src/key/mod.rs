//! Keys that Windows makes, keeps and signs with (Cryptography API: Next Generation, `NCrypt*`), in
//! the TPM or in its own software. They cannot be taken out.

mod kinds;
mod object;

use std::ffi::c_void;
use std::io;
use std::sync::Arc;

use windows_sys::Win32::Foundation::{
    FILETIME, NTE_BAD_KEYSET, NTE_DEVICE_NOT_FOUND, NTE_DEVICE_NOT_READY, NTE_NO_KEY,
    NTE_NOT_FOUND, NTE_NOT_SUPPORTED, TBS_E_TPM_NOT_FOUND,
};
use windows_sys::Win32::Security::Cryptography::{
    BCRYPT_ECCPUBLIC_BLOB, BCRYPT_PKCS1_PADDING_INFO, BCRYPT_PSS_PADDING_INFO,
    BCRYPT_RSAPUBLIC_BLOB, NCRYPT_ALLOW_SIGNING_FLAG, NCRYPT_EXPORT_POLICY_PROPERTY, NCRYPT_FLAGS,
    NCRYPT_KEY_USAGE_PROPERTY, NCRYPT_LAST_MODIFIED_PROPERTY, NCRYPT_LENGTH_PROPERTY,
    NCRYPT_PAD_PKCS1_FLAG, NCRYPT_PAD_PSS_FLAG, NCRYPT_PERSIST_FLAG, NCRYPT_SILENT_FLAG,
    NCryptCreatePersistedKey, NCryptDeleteKey, NCryptExportKey, NCryptFinalizeKey,
    NCryptGetProperty, NCryptOpenKey, NCryptSignHash,
};
use windows_sys::core::{HRESULT, PCWSTR};

pub use self::kinds::{Hash, KeyAlgorithm, KeyOwner, KeyProvider, Padding};
use self::object::{Object, done, open_provider, size_of_value, twice};
use crate::text::wide;
use crate::{Keepers, Outsider, Rights};

/// From the beginning of a `FILETIME`, 1601, to 1970, in seconds.
const FROM_1601_TO_1970: i64 = 11_644_473_600;
/// A `FILETIME` counts in steps of 100 ns.
const TICKS_PER_SECOND: i64 = 10_000_000;

/// What is said when there is no such key, no TPM, or no way to keep keys.
const ABSENT: &[HRESULT] = &[
    NTE_BAD_KEYSET,
    NTE_NO_KEY,
    NTE_NOT_FOUND,
    NTE_NOT_SUPPORTED,
    NTE_DEVICE_NOT_READY,
    NTE_DEVICE_NOT_FOUND,
    TBS_E_TPM_NOT_FOUND,
];

/// What keeps keys, open for use.
#[derive(Clone, Debug)]
pub struct Provider {
    kind: KeyProvider,
    handle: Arc<Object>,
}

/// A key, open for use.
#[derive(Debug)]
pub struct Key {
    key: Object,
    /// Given back after the key.
    _provider: Provider,
}

impl Provider {
    /// Opens it.
    ///
    /// # Errors
    /// What Windows says; [`is_absent`] tells when there is no TPM.
    pub fn open(kind: KeyProvider) -> io::Result<Self> {
        Ok(Self {
            kind,
            handle: Arc::new(open_provider(kind.name())?),
        })
    }

    /// Makes a key that signs and cannot be taken out. Without `rights` it is for its owner and the
    /// operating system. May take a minute in a TPM.
    ///
    /// # Errors
    /// What Windows says; `NTE_EXISTS` when there is one of that name.
    pub fn create_key(
        &self,
        owner: KeyOwner,
        name: &str,
        algorithm: KeyAlgorithm,
        rights: Option<&Rights>,
    ) -> io::Result<Key> {
        let name = wide(name);
        let mut made = 0;
        // SAFETY: an open provider, a place for the answer, and texts with a zero at their end.
        done(unsafe {
            NCryptCreatePersistedKey(
                self.handle.0,
                &raw mut made,
                algorithm.name(),
                name.as_ptr(),
                0,
                owner.flags(),
            )
        })?;
        let key = Object(made);
        if let KeyAlgorithm::Rsa(bits) = algorithm {
            key.set_number(NCRYPT_LENGTH_PROPERTY, bits, NCRYPT_SILENT_FLAG)?;
        }
        self.restrict(&key)?;
        if let Some(rights) = rights {
            key.set_rights(rights)?;
        }
        // SAFETY: a key that has not been finished yet.
        done(unsafe { NCryptFinalizeKey(key.0, NCRYPT_SILENT_FLAG) })?;
        Ok(Key {
            key,
            _provider: self.clone(),
        })
    }

    /// Opens the key of this name, when there is one. A provider that does not keep keys has none.
    ///
    /// # Errors
    /// What Windows says.
    pub fn open_key(&self, owner: KeyOwner, name: &str) -> io::Result<Option<Key>> {
        let name = wide(name);
        let flags = owner.flags() | NCRYPT_SILENT_FLAG;
        let mut found = 0;
        // SAFETY: an open provider, a place for the answer, and a text with a zero at its end.
        let answer =
            unsafe { NCryptOpenKey(self.handle.0, &raw mut found, name.as_ptr(), 0, flags) };
        match done(answer) {
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(error),
            Ok(()) => Ok(Some(Key {
                key: Object(found),
                _provider: self.clone(),
            })),
        }
    }

    /// A TPM never gives its keys out, and need not know these properties.
    fn restrict(&self, key: &Object) -> io::Result<()> {
        match self.kind {
            KeyProvider::Platform => Ok(()),
            KeyProvider::Software => {
                // Without the flag these two hold only until the handle is closed.
                key.set_number(NCRYPT_EXPORT_POLICY_PROPERTY, 0, NCRYPT_PERSIST_FLAG)?;
                let usage = NCRYPT_ALLOW_SIGNING_FLAG;
                key.set_number(NCRYPT_KEY_USAGE_PROPERTY, usage, NCRYPT_PERSIST_FLAG)
            }
        }
    }
}

/// Whether an error says that there is no such key, no TPM, or no way to keep keys.
#[must_use]
pub fn is_absent(error: &io::Error) -> bool {
    error
        .raw_os_error()
        .is_some_and(|code| ABSENT.contains(&code))
}

impl Key {
    /// The public half: a `BCRYPT_RSAKEY_BLOB` or a `BCRYPT_ECCKEY_BLOB`, which its first four bytes
    /// tell apart, with the numbers behind it, the highest byte first.
    ///
    /// # Errors
    /// What Windows says.
    pub fn public_blob(&self) -> io::Result<Vec<u8>> {
        self.exported(BCRYPT_RSAPUBLIC_BLOB)
            .or_else(|_| self.exported(BCRYPT_ECCPUBLIC_BLOB))
    }

    /// Signs a hash: RSA as long as the modulus, ECDSA `r` and `s` one after the other. Never asks
    /// the user.
    ///
    /// # Errors
    /// What Windows says, for instance that the TPM does not know the hash.
    pub fn sign(&self, hash: &[u8], padding: Padding) -> io::Result<Vec<u8>> {
        match padding {
            Padding::None => self.signed(hash, std::ptr::null(), 0),
            Padding::Pkcs1(with) => {
                let info = BCRYPT_PKCS1_PADDING_INFO {
                    pszAlgId: with.name(),
                };
                self.signed(hash, (&raw const info).cast(), NCRYPT_PAD_PKCS1_FLAG)
            }
            Padding::Pss(with) => {
                let info = BCRYPT_PSS_PADDING_INFO {
                    pszAlgId: with.name(),
                    cbSalt: hash.len() as u32,
                };
                self.signed(hash, (&raw const info).cast(), NCRYPT_PAD_PSS_FLAG)
            }
        }
    }

    /// Somebody but the keepers who made it, or may put another one in its place.
    ///
    /// # Errors
    /// What Windows says.
    pub fn outsider(&self, keepers: &Keepers) -> io::Result<Option<Outsider>> {
        self.key.outsider(keepers)
    }

    /// When it was made or last changed, in seconds since 1970.
    ///
    /// # Errors
    /// What Windows says.
    pub fn modified_at(&self) -> io::Result<i64> {
        let mut time = FILETIME::default();
        let size = size_of::<FILETIME>() as u32;
        let mut length = 0;
        // SAFETY: an open key, a text with a zero at its end, and a place of that size.
        done(unsafe {
            NCryptGetProperty(
                self.key.0,
                NCRYPT_LAST_MODIFIED_PROPERTY,
                (&raw mut time).cast(),
                size,
                &raw mut length,
                0,
            )
        })?;
        let ticks = i64::from(time.dwHighDateTime) << 32 | i64::from(time.dwLowDateTime);
        Ok(ticks / TICKS_PER_SECOND - FROM_1601_TO_1970)
    }

    /// Removes it for good.
    ///
    /// # Errors
    /// What Windows says; it is still there then.
    pub fn remove(self) -> io::Result<()> {
        // SAFETY: an open key.
        done(unsafe { NCryptDeleteKey(self.key.0, NCRYPT_SILENT_FLAG) })?;
        // The call has closed the handle, too.
        std::mem::forget(self.key);
        Ok(())
    }

    fn exported(&self, kind: PCWSTR) -> io::Result<Vec<u8>> {
        twice(|place, size, length| {
            // SAFETY: an open key, a text with a zero at its end, and a place of that size or none.
            unsafe {
                let no_list = std::ptr::null();
                NCryptExportKey(self.key.0, 0, kind, no_list, place, size, length, 0)
            }
        })
    }

    fn signed(
        &self,
        hash: &[u8],
        padding: *const c_void,
        flag: NCRYPT_FLAGS,
    ) -> io::Result<Vec<u8>> {
        let flags = flag | NCRYPT_SILENT_FLAG;
        let hash_size = size_of_value(hash)?;
        twice(|place, size, length| {
            // SAFETY: an open key, the padding that the flag names or none, a hash of that size,
            // and a place of that size or none.
            unsafe {
                let hash = hash.as_ptr();
                NCryptSignHash(
                    self.key.0, padding, hash, hash_size, place, size, length, flags,
                )
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "win32 test key";

    /// Wine keeps no keys: what is made there is gone when it is closed.
    fn made(provider: KeyProvider, algorithm: KeyAlgorithm) -> io::Result<Key> {
        Provider::open(provider)?.create_key(KeyOwner::User, NAME, algorithm, None)
    }

    #[test]
    fn a_key_shows_its_public_half_and_signs() {
        for provider in [KeyProvider::Platform, KeyProvider::Software] {
            let key = made(provider, KeyAlgorithm::Rsa(2048)).unwrap();
            let public = key.public_blob().unwrap();
            assert_eq!(&public[..4], b"RSA1");
            assert_eq!(public.len(), 24 + 3 + 256);
            for padding in [Padding::Pkcs1(Hash::Sha256), Padding::Pss(Hash::Sha256)] {
                assert_eq!(key.sign(&[7; 32], padding).unwrap().len(), 256);
            }
        }
    }

    #[test]
    fn what_windows_refuses_is_an_error_with_its_code() {
        let refused = made(KeyProvider::Software, KeyAlgorithm::Rsa(7)).unwrap_err();
        assert!(refused.raw_os_error().is_some_and(|code| code < 0));
    }

    #[test]
    fn a_key_that_was_never_made_is_not_there() {
        let provider = Provider::open(KeyProvider::Software).unwrap();
        for owner in [KeyOwner::Machine, KeyOwner::User] {
            assert!(
                provider
                    .open_key(owner, "nobody made it")
                    .unwrap()
                    .is_none()
            );
        }
    }

    #[test]
    fn a_key_is_made_with_rights() {
        let provider = Provider::open(KeyProvider::Software).unwrap();
        let rights = Rights::of_a_shared_key();
        let algorithm = KeyAlgorithm::Rsa(2048);
        let made = provider.create_key(KeyOwner::Machine, NAME, algorithm, Some(&rights));
        assert!(made.is_ok());
    }
}
