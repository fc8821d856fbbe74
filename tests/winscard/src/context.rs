//! Contexts, the list of readers, and the wait for them to change.

use std::ffi::{CStr, c_char, c_void};

use crate::wire::{Answer, call, from_hex, to_hex};

const SUCCESS: i32 = 0;
const INSUFFICIENT_BUFFER: i32 = 0x8010_0008_u32.cast_signed();
const INVALID_PARAMETER: i32 = 0x8010_0004_u32.cast_signed();

/// `SCARD_READERSTATEA`.
#[repr(C)]
pub struct ReaderState {
    name: *const c_char,
    user_data: *mut c_void,
    current: u32,
    event: u32,
    atr_length: u32,
    atr: [u8; 36],
}

/// `SCardEstablishContext`.
///
/// # Safety
/// As Microsoft says: `context` is null or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn SCardEstablishContext(
    _scope: u32,
    _reserved: *const c_void,
    _reserved_too: *const c_void,
    context: *mut usize,
) -> i32 {
    let Answer { code, words } = call("Establish");
    // SAFETY: the caller gave the place for the answer.
    let Some(context) = (unsafe { context.as_mut() }) else {
        return INVALID_PARAMETER;
    };
    *context = words
        .first()
        .and_then(|word| word.parse().ok())
        .unwrap_or(0);
    code
}

/// `SCardReleaseContext`.
#[unsafe(no_mangle)]
pub extern "system" fn SCardReleaseContext(context: usize) -> i32 {
    call(&format!("Release {context}")).code
}

/// `SCardIsValidContext`.
#[unsafe(no_mangle)]
pub extern "system" fn SCardIsValidContext(context: usize) -> i32 {
    call(&format!("IsValid {context}")).code
}

/// `SCardCancel`.
#[unsafe(no_mangle)]
pub extern "system" fn SCardCancel(context: usize) -> i32 {
    call(&format!("Cancel {context}")).code
}

/// `SCardListReadersA`, of all groups and without `SCARD_AUTOALLOCATE`.
///
/// # Safety
/// As Microsoft says: `length` can be read and written; `readers` is null or has room for it.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn SCardListReadersA(
    context: usize,
    _groups: *const c_char,
    readers: *mut u8,
    length: *mut u32,
) -> i32 {
    let Answer { code, words } = call(&format!("List {context}"));
    if code != SUCCESS {
        return code;
    }
    let names = words.iter().flat_map(|name| {
        let mut name = from_hex(name);
        name.push(0);
        name
    });
    let mut names: Vec<u8> = names.collect();
    names.push(0);
    // SAFETY: the caller gave the length to read and write.
    let Some(length) = (unsafe { length.as_mut() }) else {
        return INVALID_PARAMETER;
    };
    let room = *length as usize;
    *length = names.len() as u32;
    if readers.is_null() {
        return SUCCESS;
    }
    if room < names.len() {
        return INSUFFICIENT_BUFFER;
    }
    // SAFETY: the caller says that there is this much room.
    unsafe { readers.copy_from_nonoverlapping(names.as_ptr(), names.len()) };
    SUCCESS
}

/// `SCardGetStatusChangeA`.
///
/// # Safety
/// As Microsoft says: `states` has `count` entries, each with the name of a reader.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn SCardGetStatusChangeA(
    context: usize,
    timeout: u32,
    states: *mut ReaderState,
    count: u32,
) -> i32 {
    if states.is_null() {
        return INVALID_PARAMETER;
    }
    // SAFETY: the caller says that there are so many.
    let states = unsafe { std::slice::from_raw_parts_mut(states, count as usize) };
    let mut line = format!("Wait {context} {timeout}");
    for state in &*states {
        // SAFETY: the caller gave each a name that ends with a zero.
        let name = unsafe { CStr::from_ptr(state.name) };
        line += &format!(" {}:{:x}", to_hex(name.to_bytes()), state.current);
    }
    let Answer { code, words } = call(&line);
    for (state, word) in states.iter_mut().zip(&words) {
        let (event, atr) = word.split_once(':').unwrap_or((word, ""));
        let atr = from_hex(atr);
        state.event = u32::from_str_radix(event, 16).unwrap_or(0);
        state.atr_length = atr.len() as u32;
        state.atr[..atr.len()].copy_from_slice(&atr);
    }
    code
}
