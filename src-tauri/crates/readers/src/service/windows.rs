//! The Smart Card service of Windows, which comes and goes with the readers.

#![expect(
    unsafe_code,
    reason = "the start of the service is told by the Win32 API only"
)]

use std::ffi::c_void;
use std::sync::Arc;

use cardea_session::ServiceLoss;
use pcsc::Error;
use windows_sys::Win32::Foundation::{HANDLE, INVALID_HANDLE_VALUE};
use windows_sys::Win32::Security::Credentials::{
    SCardAccessStartedEvent, SCardReleaseStartedEvent,
};
use windows_sys::Win32::System::Threading::{
    INFINITE, RegisterWaitForSingleObject, UnregisterWaitEx, WT_EXECUTEONLYONCE,
};

use crate::LastError;
use crate::control::Control;

/// What it means that the connection is lost. Windows stops the service when the last reader goes
/// and starts it again for the next one, so that a stopped service is no reader rather than a fault.
pub(crate) fn meaning(error: LastError) -> ServiceLoss {
    match error {
        LastError::Pcsc(Error::NoService | Error::ServiceStopped | Error::NoReadersAvailable) => {
            ServiceLoss::LastReaderGone
        }
        LastError::Pcsc(_) | LastError::Panic | LastError::Silent => ServiceLoss::Stopped,
    }
}

/// Wakes the thread that pauses in `control` once the service has started; until dropped.
pub(crate) struct StartWatch {
    wait: HANDLE,
    control: *const Control,
}

impl StartWatch {
    /// Begins to watch; none when Windows does not say (the pause has a limit of its own).
    pub(crate) fn begin(control: &Arc<Control>) -> Option<Self> {
        // SAFETY: takes no arguments; the handle belongs to winscard.
        let started = unsafe { SCardAccessStartedEvent() };
        if started.is_null() {
            return None;
        }
        let control = Arc::into_raw(Arc::clone(control));
        let mut wait = std::ptr::null_mut();
        // SAFETY: the context is a `Control` that lives until `drop`, which waits for the callback.
        let registered = unsafe {
            RegisterWaitForSingleObject(
                &raw mut wait,
                started,
                Some(on_started),
                control.cast::<c_void>(),
                INFINITE,
                WT_EXECUTEONLYONCE,
            )
        };
        if registered == 0 {
            // SAFETY: nobody else got this pointer; the event is released as it was accessed.
            unsafe {
                drop(Arc::from_raw(control));
                SCardReleaseStartedEvent();
            }
            return None;
        }
        Some(Self { wait, control })
    }
}

impl Drop for StartWatch {
    fn drop(&mut self) {
        // SAFETY: the wait was registered by `begin`; when this returns no callback runs any more,
        // so that the context may go.
        unsafe {
            UnregisterWaitEx(self.wait, INVALID_HANDLE_VALUE);
            drop(Arc::from_raw(self.control));
            SCardReleaseStartedEvent();
        }
    }
}

unsafe extern "system" fn on_started(control: *mut c_void, _timed_out: bool) {
    // SAFETY: the context of `begin`, alive until the wait is unregistered.
    let control = unsafe { &*control.cast::<Control>() };
    control.nudge();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_that_went_with_its_last_reader_is_no_fault() {
        for error in [Error::NoService, Error::ServiceStopped] {
            let meaning = meaning(LastError::Pcsc(error));
            assert_eq!(meaning, ServiceLoss::LastReaderGone, "{error}");
        }
        // Plain Win32 codes, such as 6 when a context dies, and the system's own end.
        for error in [
            Error::UnknownError,
            Error::InvalidHandle,
            Error::SystemCancelled,
        ] {
            let meaning = meaning(LastError::Pcsc(error));
            assert_eq!(meaning, ServiceLoss::Stopped, "{error}");
        }
        assert_eq!(meaning(LastError::Silent), ServiceLoss::Stopped);
    }
}
