//! The driver interface of pcscd, `ifdhandler.h`, for the readers of the bus.
//!
//! pcscd calls each function with the number of an open reader (`Lun`) and with buffers that belong
//! to it; the reader's own thread waits in [`poll`].

use std::collections::HashMap;
use std::ffi::{CStr, c_char, c_int, c_long, c_uchar, c_ulong};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use crate::readers::{BUS, Content, Reader};

type Dword = c_ulong;
type Answer = c_long;

const SUCCESS: Answer = 0;
const ERROR_TAG: Answer = 600;
const ERROR_POWER_ACTION: Answer = 608;
const COMMUNICATION_ERROR: Answer = 612;
const NOT_SUPPORTED: Answer = 614;
const ICC_PRESENT: Answer = 615;
const ICC_NOT_PRESENT: Answer = 616;
const NO_SUCH_DEVICE: Answer = 617;
const INSUFFICIENT_BUFFER: Answer = 618;

const TAG_THREAD_SAFE: Dword = 0x0fad;
const TAG_SLOTS_NUMBER: Dword = 0x0fae;
const TAG_SIMULTANEOUS_ACCESS: Dword = 0x0faf;
const TAG_STOP_POLLING_THREAD: Dword = 0x0fb2;
const TAG_POLLING_THREAD_WITH_TIMEOUT: Dword = 0x0fb3;

const POWER_DOWN: Dword = 501;

/// "Instruction code not supported" (ISO 7816-4, section 5.6): no test needs a card that can more.
const INS_NOT_SUPPORTED: [u8; 2] = [0x6d, 0x00];

/// `SCARD_IO_HEADER`.
#[repr(C)]
pub struct IoHeader {
    protocol: Dword,
    length: Dword,
}

static OPEN: LazyLock<Mutex<HashMap<Dword, Arc<Reader>>>> = LazyLock::new(Mutex::default);

fn reader(lun: Dword) -> Option<Arc<Reader>> {
    OPEN.lock().unwrap().get(&lun).cloned()
}

/// Copies bytes into a buffer of pcscd and notes their number.
///
/// # Safety
/// `length` points to the size of `buffer`, which is that large.
unsafe fn fill(bytes: &[u8], buffer: *mut c_uchar, length: *mut Dword) -> Answer {
    // SAFETY: the caller's promise.
    unsafe {
        if (*length as usize) < bytes.len() {
            return INSUFFICIENT_BUFFER;
        }
        buffer.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
        *length = bytes.len() as Dword;
    }
    SUCCESS
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn IFDHCreateChannelByName(lun: Dword, name: *const c_char) -> Answer {
    // SAFETY: pcscd passes a string, `usb:VENDOR/PRODUCT:libudev:0:DEVNODE`.
    let name = unsafe { CStr::from_ptr(name) }.to_string_lossy();
    let id = name.rsplit('/').next().and_then(|id| id.parse().ok());
    let Some(reader) = id.and_then(|id| BUS.reader(id)) else {
        return NO_SUCH_DEVICE;
    };
    reader.open();
    OPEN.lock().unwrap().insert(lun, reader);
    SUCCESS
}

#[unsafe(no_mangle)]
pub extern "C" fn IFDHCreateChannel(_lun: Dword, _channel: Dword) -> Answer {
    NO_SUCH_DEVICE
}

#[unsafe(no_mangle)]
pub extern "C" fn IFDHCloseChannel(lun: Dword) -> Answer {
    OPEN.lock().unwrap().remove(&lun);
    SUCCESS
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn IFDHGetCapabilities(
    _lun: Dword,
    tag: Dword,
    length: *mut Dword,
    value: *mut c_uchar,
) -> Answer {
    let poll: extern "C" fn(Dword, c_int) -> Answer = poll;
    let stop: extern "C" fn(Dword) -> Answer = stop;
    let bytes: &[u8] = match tag {
        TAG_THREAD_SAFE | TAG_SLOTS_NUMBER => &[1],
        TAG_SIMULTANEOUS_ACCESS => &[255],
        TAG_POLLING_THREAD_WITH_TIMEOUT => &(poll as usize).to_ne_bytes(),
        TAG_STOP_POLLING_THREAD => &(stop as usize).to_ne_bytes(),
        _ => return ERROR_TAG,
    };
    // SAFETY: a buffer of pcscd and its size.
    unsafe { fill(bytes, value, length) }
}

/// Waits until something changes in the reader, `limit` milliseconds at most.
extern "C" fn poll(lun: Dword, limit: c_int) -> Answer {
    if let Some(reader) = reader(lun) {
        reader.wait(Duration::from_millis(limit.unsigned_abs().into()));
    }
    // Anything else makes pcscd sleep for 400 ms.
    SUCCESS
}

extern "C" fn stop(lun: Dword) -> Answer {
    if let Some(reader) = reader(lun) {
        reader.stop();
    }
    SUCCESS
}

#[unsafe(no_mangle)]
pub extern "C" fn IFDHSetCapabilities(
    _lun: Dword,
    _tag: Dword,
    _length: Dword,
    _value: *const c_uchar,
) -> Answer {
    NOT_SUPPORTED
}

#[unsafe(no_mangle)]
pub extern "C" fn IFDHSetProtocolParameters(
    _lun: Dword,
    _protocol: Dword,
    _flags: c_uchar,
    _pts1: c_uchar,
    _pts2: c_uchar,
    _pts3: c_uchar,
) -> Answer {
    SUCCESS
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn IFDHPowerICC(
    lun: Dword,
    action: Dword,
    atr: *mut c_uchar,
    length: *mut Dword,
) -> Answer {
    match reader(lun).map(|reader| reader.content()) {
        Some(_) if action == POWER_DOWN => SUCCESS,
        // SAFETY: a buffer of pcscd and its size.
        Some(Content::Card(answer)) => unsafe { fill(&answer, atr, length) },
        Some(Content::MuteCard) => ERROR_POWER_ACTION,
        Some(Content::Nothing | Content::Failure) | None => COMMUNICATION_ERROR,
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn IFDHTransmitToICC(
    lun: Dword,
    _send_pci: IoHeader,
    _command: *const c_uchar,
    _command_length: Dword,
    response: *mut c_uchar,
    response_length: *mut Dword,
    _receive_pci: *mut IoHeader,
) -> Answer {
    match reader(lun).map(|reader| reader.content()) {
        // SAFETY: a buffer of pcscd and its size.
        Some(Content::Card(_)) => unsafe { fill(&INS_NOT_SUPPORTED, response, response_length) },
        Some(Content::Nothing | Content::MuteCard | Content::Failure) | None => COMMUNICATION_ERROR,
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn IFDHControl(
    _lun: Dword,
    _code: Dword,
    _command: *const c_uchar,
    _command_length: Dword,
    _response: *mut c_uchar,
    _response_length: Dword,
    _returned: *mut Dword,
) -> Answer {
    NOT_SUPPORTED
}

#[unsafe(no_mangle)]
pub extern "C" fn IFDHICCPresence(lun: Dword) -> Answer {
    match reader(lun).map(|reader| reader.content()) {
        Some(Content::Card(_) | Content::MuteCard) => ICC_PRESENT,
        Some(Content::Nothing) => ICC_NOT_PRESENT,
        Some(Content::Failure) => COMMUNICATION_ERROR,
        None => NO_SUCH_DEVICE,
    }
}
