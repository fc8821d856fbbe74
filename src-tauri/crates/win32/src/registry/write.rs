//! Writing to the registry.

use std::io;

#[cfg(any(test, feature = "test-support"))]
use windows_sys::Win32::Security::{DACL_SECURITY_INFORMATION, OWNER_SECURITY_INFORMATION};
#[cfg(any(test, feature = "test-support"))]
use windows_sys::Win32::Storage::FileSystem::{WRITE_DAC, WRITE_OWNER};
#[cfg(any(test, feature = "test-support"))]
use windows_sys::Win32::System::Registry::RegSetKeySecurity;
use windows_sys::Win32::System::Registry::{
    KEY_READ, KEY_SET_VALUE, KEY_WOW64_64KEY, KEY_WRITE, REG_DWORD, REG_EXPAND_SZ, REG_MULTI_SZ,
    REG_OPTION_NON_VOLATILE, REG_QWORD, REG_SZ, RegCreateKeyExW, RegDeleteTreeW, RegSetValueExW,
};

use super::key::{OpenKey, succeeded};
use super::{Hive, Value};
use crate::text::wide;
#[cfg(any(test, feature = "test-support"))]
use crate::{SecurityAttributes, Sid};

/// Makes a key and those above it.
///
/// # Errors
/// What Windows says.
#[cfg(any(test, feature = "test-support"))]
pub fn create_key(hive: Hive, path: &str) -> io::Result<()> {
    create(hive, path).map(drop)
}

/// Writes a value into a key, and makes the key when it is not there. [`Value::Other`] and
/// [`Value::Malformed`] are written as one byte of that kind.
///
/// # Errors
/// What Windows says.
pub fn set_value(hive: Hive, path: &str, name: &str, value: &Value) -> io::Result<()> {
    let key = create(hive, path)?;
    let text = |text: &str| wide(text).into_iter().flat_map(u16::to_le_bytes).collect();
    let (kind, bytes): (_, Vec<u8>) = match value {
        Value::Text(value) => (REG_SZ, text(value)),
        Value::Expandable(value) => (REG_EXPAND_SZ, text(value)),
        Value::Number(number) => (REG_DWORD, number.to_le_bytes().to_vec()),
        Value::Large(number) => (REG_QWORD, number.to_le_bytes().to_vec()),
        Value::Texts(texts) => {
            let texts = texts.iter().flat_map(|each| text(each));
            (REG_MULTI_SZ, texts.chain([0, 0]).collect())
        }
        Value::Other(kind) | Value::Malformed(kind) => (*kind, vec![1]),
    };
    let name = wide(name);
    // SAFETY: an open key, a text with a zero at its end, and bytes with their length.
    succeeded(unsafe {
        RegSetValueExW(
            key.raw(),
            name.as_ptr(),
            0,
            kind,
            bytes.as_ptr(),
            bytes.len() as u32,
        )
    })
}

/// Takes away a key and everything below it.
///
/// # Errors
/// What Windows says; also when there is no such key.
pub fn delete_tree(hive: Hive, path: &str) -> io::Result<()> {
    let path = wide(path);
    // SAFETY: a hive, which is always open, and a text with a zero at its end.
    succeeded(unsafe { RegDeleteTreeW(hive.raw(), path.as_ptr()) })
}

/// Lets everybody write to a key, which then belongs to this user.
///
/// # Errors
/// What Windows says.
#[cfg(any(test, feature = "test-support"))]
pub fn open_to_everyone(hive: Hive, path: &str) -> io::Result<()> {
    let rights = format!("O:{}D:P(A;;KA;;;WD)", Sid::of_this_user()?);
    let rights = SecurityAttributes::parse(&rights)?;
    let key = OpenKey::open(hive, path, WRITE_DAC | WRITE_OWNER)?.ok_or(io::ErrorKind::NotFound)?;
    let what = OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;
    // SAFETY: an open key, and a descriptor that lives until the call returns.
    succeeded(unsafe { RegSetKeySecurity(key.raw(), what, rights.descriptor()) })
}

fn create(hive: Hive, path: &str) -> io::Result<OpenKey> {
    let mut key = std::ptr::null_mut();
    let path = wide(path);
    let rights = KEY_READ | KEY_WRITE | KEY_SET_VALUE | KEY_WOW64_64KEY;
    // SAFETY: a hive, a text with a zero at its end, no class and no rights, and a place for the
    // answer.
    succeeded(unsafe {
        RegCreateKeyExW(
            hive.raw(),
            path.as_ptr(),
            0,
            std::ptr::null(),
            REG_OPTION_NON_VOLATILE,
            rights,
            std::ptr::null(),
            &raw mut key,
            std::ptr::null_mut(),
        )
    })?;
    // SAFETY: the call gave the key to us.
    Ok(unsafe { OpenKey::own(key) })
}

/// A key of one test under `HKCU\Software`, below another one that is this test's, too: nobody else
/// changes what is beside it. Both are taken away in the end.
#[cfg(test)]
pub(super) struct TestKey {
    own: String,
    path: String,
}

#[cfg(test)]
impl TestKey {
    pub(super) fn new() -> Self {
        use std::sync::atomic::{AtomicU32, Ordering};
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let (process, number) = (std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let own = format!(r"Software\cardea-win32-test-{process}-{number}");
        let path = format!(r"{own}\key");
        create_key(Hive::CurrentUser, &path).unwrap();
        Self { own, path }
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }
}

#[cfg(test)]
impl Drop for TestKey {
    fn drop(&mut self) {
        let gone = delete_tree(Hive::CurrentUser, &self.own);
        assert!(gone.is_ok() || std::thread::panicking(), "{gone:?}");
    }
}
