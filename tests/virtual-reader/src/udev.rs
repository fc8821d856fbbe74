//! The part of libudev that pcscd calls, answered with the readers of the bus.
//!
//! The names and types are those of `libudev.h`. pcscd uses every object from one thread at a time
//! and passes back only what it was given; the objects of a whole run are leaked.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ptr::{null, null_mut};
use std::sync::Arc;

use crate::control;
use crate::readers::{Action, BUS, Reader};

/// `struct udev_device`: an interface and its USB device in one.
pub struct Device {
    action: Option<&'static CStr>,
    sysname: CString,
    devnode: CString,
    vendor: CString,
    product: CString,
    serial: Option<CString>,
}

/// `struct udev_list_entry`.
pub struct Entry {
    path: CString,
    next: *const Entry,
}

/// Stands for the objects that hold nothing.
static NOTHING: u8 = 0;

fn nothing() -> *mut c_void {
    (&raw const NOTHING).cast_mut().cast()
}

impl Device {
    fn leak(reader: &Arc<Reader>, action: Option<&'static CStr>) -> *mut Self {
        let text = |text: String| CString::new(text).unwrap();
        Box::into_raw(Box::new(Self {
            action,
            sysname: text(format!("virtual-{}", reader.id)),
            devnode: text(format!("/virtual/{}", reader.id)),
            vendor: text(reader.vendor.clone()),
            product: text(reader.product.clone()),
            serial: reader
                .serial
                .clone()
                .map(|serial| CString::new(serial).unwrap()),
        }))
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn udev_new() -> *mut c_void {
    control::start();
    nothing()
}

#[unsafe(no_mangle)]
pub extern "C" fn udev_unref(_udev: *mut c_void) -> *mut c_void {
    null_mut()
}

#[unsafe(no_mangle)]
pub extern "C" fn udev_enumerate_new(_udev: *mut c_void) -> *mut c_void {
    nothing()
}

#[unsafe(no_mangle)]
pub extern "C" fn udev_enumerate_unref(_enumerate: *mut c_void) -> *mut c_void {
    null_mut()
}

#[unsafe(no_mangle)]
pub extern "C" fn udev_enumerate_add_match_subsystem(
    _enumerate: *mut c_void,
    _subsystem: *const c_char,
) -> c_int {
    0
}

#[unsafe(no_mangle)]
pub extern "C" fn udev_enumerate_scan_devices(_enumerate: *mut c_void) -> c_int {
    0
}

#[unsafe(no_mangle)]
pub extern "C" fn udev_enumerate_get_list_entry(_enumerate: *mut c_void) -> *const Entry {
    BUS.readers().iter().rev().fold(null(), |next, reader| {
        let path = CString::new(reader.id.to_string()).unwrap();
        Box::into_raw(Box::new(Entry { path, next })).cast_const()
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn udev_list_entry_get_next(entry: *const Entry) -> *const Entry {
    // SAFETY: pcscd passes an entry that it was given; entries are never freed.
    unsafe { (*entry).next }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn udev_list_entry_get_name(entry: *const Entry) -> *const c_char {
    // SAFETY: as above.
    unsafe { (*entry).path.as_ptr() }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn udev_device_new_from_syspath(
    _udev: *mut c_void,
    path: *const c_char,
) -> *mut Device {
    // SAFETY: pcscd passes the name of an entry.
    let path = unsafe { CStr::from_ptr(path) };
    let id = path.to_str().ok().and_then(|id| id.parse().ok());
    // A reader unplugged since then gets no parent, and pcscd passes it over.
    id.and_then(|id| BUS.reader(id))
        .map_or(null_mut(), |reader| Device::leak(&reader, None))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn udev_device_unref(device: *mut Device) -> *mut Device {
    if !device.is_null() {
        // SAFETY: made by `Device::leak`, and pcscd gives each device back once.
        drop(unsafe { Box::from_raw(device) });
    }
    null_mut()
}

#[unsafe(no_mangle)]
pub extern "C" fn udev_device_get_parent_with_subsystem_devtype(
    device: *mut Device,
    _subsystem: *const c_char,
    _devtype: *const c_char,
) -> *mut Device {
    device
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn udev_device_get_devnode(device: *const Device) -> *const c_char {
    // SAFETY: pcscd passes a device that it was given and has not given back.
    unsafe { (*device).devnode.as_ptr() }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn udev_device_get_sysname(device: *const Device) -> *const c_char {
    // SAFETY: as above.
    unsafe { (*device).sysname.as_ptr() }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn udev_device_get_action(device: *const Device) -> *const c_char {
    // SAFETY: as above.
    let action = unsafe { (*device).action };
    action.map_or(null(), CStr::as_ptr)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn udev_device_get_sysattr_value(
    device: *const Device,
    attribute: *const c_char,
) -> *const c_char {
    // SAFETY: as above, and the name of an attribute is a string.
    let (device, attribute) = unsafe { (&*device, CStr::from_ptr(attribute)) };
    match attribute.to_bytes() {
        b"idVendor" => device.vendor.as_ptr(),
        b"idProduct" => device.product.as_ptr(),
        b"bInterfaceNumber" => c"0".as_ptr(),
        b"serial" => device
            .serial
            .as_ref()
            .map_or(null(), |serial| serial.as_ptr()),
        _ => null(),
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn udev_monitor_new_from_netlink(
    _udev: *mut c_void,
    _name: *const c_char,
) -> *mut c_void {
    nothing()
}

#[unsafe(no_mangle)]
pub extern "C" fn udev_monitor_filter_add_match_subsystem_devtype(
    _monitor: *mut c_void,
    _subsystem: *const c_char,
    _devtype: *const c_char,
) -> c_int {
    0
}

#[unsafe(no_mangle)]
pub extern "C" fn udev_monitor_enable_receiving(_monitor: *mut c_void) -> c_int {
    0
}

#[unsafe(no_mangle)]
pub extern "C" fn udev_monitor_get_fd(_monitor: *mut c_void) -> c_int {
    BUS.bell()
}

#[unsafe(no_mangle)]
pub extern "C" fn udev_monitor_receive_device(_monitor: *mut c_void) -> *mut Device {
    BUS.next_event().map_or(null_mut(), |(action, reader)| {
        let action = match action {
            Action::Add => c"add",
            Action::Remove => c"remove",
        };
        Device::leak(&reader, Some(action))
    })
}
