//! The Smart Card service of Windows, as far as its own API through a context does not tell: when
//! it starts, and whether there are readers for it.

use std::ffi::c_void;
use std::ptr::{null, null_mut};

use windows_sys::Win32::Devices::DeviceAndDriverInstallation::{
    DIGCF_DEVICEINTERFACE, DIGCF_PRESENT, SP_DEVICE_INTERFACE_DATA, SetupDiDestroyDeviceInfoList,
    SetupDiEnumDeviceInterfaces, SetupDiGetClassDevsW,
};
use windows_sys::Win32::Foundation::{HANDLE, INVALID_HANDLE_VALUE, WAIT_OBJECT_0};
use windows_sys::Win32::Security::Credentials::{
    SCardAccessStartedEvent, SCardReleaseStartedEvent,
};
use windows_sys::Win32::System::Threading::{
    INFINITE, RegisterWaitForSingleObject, UnregisterWaitEx, WT_EXECUTEONLYONCE,
    WaitForSingleObject,
};
use windows_sys::core::GUID;

/// `GUID_DEVINTERFACE_SMARTCARD_READER` of `winsmcrd.h`.
const READERS: GUID = GUID::from_u128(0x50dd5230_ba8a_11d1_bf5d_0000f805f530);

/// Whether the service says that it has started.
#[must_use]
pub fn service_has_started() -> bool {
    // SAFETY: takes no arguments; the event is not used after it is released.
    unsafe {
        let started = SCardAccessStartedEvent();
        if started.is_null() {
            return false;
        }
        let set = WaitForSingleObject(started, 0) == WAIT_OBJECT_0;
        SCardReleaseStartedEvent();
        set
    }
}

/// How many readers are attached to this computer, whether the service runs or not; those that
/// other computers lend to a remote session do not count.
#[must_use]
pub fn attached_readers() -> u32 {
    let flags = DIGCF_PRESENT | DIGCF_DEVICEINTERFACE;
    // SAFETY: a class, and nothing else asked for; the set is destroyed below.
    let set = unsafe { SetupDiGetClassDevsW(&READERS, null(), null_mut(), flags) };
    if set == INVALID_HANDLE_VALUE as isize {
        return 0;
    }
    let mut reader = SP_DEVICE_INTERFACE_DATA {
        cbSize: size_of::<SP_DEVICE_INTERFACE_DATA>() as u32,
        ..SP_DEVICE_INTERFACE_DATA::default()
    };
    let mut count = 0;
    // SAFETY: the set is alive, and the place for the answer says its size.
    while unsafe { SetupDiEnumDeviceInterfaces(set, null(), &READERS, count, &raw mut reader) } != 0
    {
        count += 1;
    }
    // SAFETY: destroyed once.
    unsafe { SetupDiDestroyDeviceInfoList(set) };
    count
}

type Act = Box<dyn Fn() + Send + Sync>;

/// Acts when the service starts, or at once when it has started.
pub struct WhenStarted {
    wait: HANDLE,
    act: *mut Act,
}

impl WhenStarted {
    /// Waits for the start from now on, until dropped; `act` is called once, from a thread of
    /// Windows. None when Windows does not tell.
    pub fn call(act: impl Fn() + Send + Sync + 'static) -> Option<Self> {
        // SAFETY: takes no arguments; the event belongs to winscard.
        let started = unsafe { SCardAccessStartedEvent() };
        if started.is_null() {
            return None;
        }
        let act: *mut Act = Box::into_raw(Box::new(Box::new(act)));
        let mut wait = null_mut();
        // SAFETY: the context is an `Act` that lives until `drop`, which waits for the callback.
        let registered = unsafe {
            RegisterWaitForSingleObject(
                &raw mut wait,
                started,
                Some(on_started),
                act.cast::<c_void>(),
                INFINITE,
                WT_EXECUTEONLYONCE,
            )
        };
        if registered == 0 {
            // SAFETY: nobody else got this pointer; the event is released as it was accessed.
            unsafe {
                drop(Box::from_raw(act));
                SCardReleaseStartedEvent();
            }
            return None;
        }
        Some(Self { wait, act })
    }
}

impl Drop for WhenStarted {
    fn drop(&mut self) {
        // SAFETY: the wait was registered by `call`; when this returns no callback runs any more,
        // so that the context may go.
        unsafe {
            UnregisterWaitEx(self.wait, INVALID_HANDLE_VALUE);
            drop(Box::from_raw(self.act));
            SCardReleaseStartedEvent();
        }
    }
}

unsafe extern "system" fn on_started(act: *mut c_void, _timed_out: bool) {
    // SAFETY: the context of `call`, alive until the wait is unregistered.
    let act = unsafe { &*act.cast::<Act>() };
    act();
}
