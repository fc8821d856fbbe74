//! Text as Windows takes it: UTF-16 with a zero at the end.

use std::ffi::{OsStr, OsString};
use std::os::windows::ffi::{OsStrExt as _, OsStringExt as _};

/// With the zero. What comes after a zero in `text` is cut off.
pub(crate) fn wide(text: impl AsRef<OsStr>) -> Vec<u16> {
    let units = text.as_ref().encode_wide().take_while(|unit| *unit != 0);
    units.chain([0]).collect()
}

/// Up to the zero.
///
/// # Safety
/// `text` points to UTF-16 that ends with a zero.
pub(crate) unsafe fn read(text: *const u16) -> OsString {
    let mut length = 0;
    // SAFETY: the caller says that there is a zero; nothing behind it is read.
    while unsafe { *text.add(length) } != 0 {
        length += 1;
    }
    // SAFETY: so many units were just read.
    OsString::from_wide(unsafe { std::slice::from_raw_parts(text, length) })
}
