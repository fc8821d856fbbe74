//! The Smart Card service of Windows, which comes and goes with the readers.

use std::sync::Arc;

use cardea_session::ServiceLoss;
use cardea_win32::smartcard::{self, WhenStarted};

use crate::LastError;
use crate::control::Control;

/// What it means that the connection is lost. Windows stops the service when the last reader goes
/// and starts it again for the next one, so that without a reader it is no fault.
///
/// The code does not tell the two apart: programs were given `SCARD_E_SYSTEM_CANCELLED`,
/// `SCARD_E_NO_SERVICE`, `SCARD_E_SERVICE_STOPPED`, `SCARD_P_SHUTDOWN` and plain Win32 codes for the
/// last reader (`drivers-notes/windows-service.md`).
pub(crate) fn meaning(error: LastError) -> ServiceLoss {
    match error {
        LastError::Silent => ServiceLoss::Stopped,
        LastError::Pcsc(_) | LastError::Panic => without_service(smartcard::attached_readers()),
    }
}

fn without_service(attached_readers: u32) -> ServiceLoss {
    if attached_readers == 0 {
        ServiceLoss::LastReaderGone
    } else {
        ServiceLoss::Stopped
    }
}

/// Wakes the thread that pauses in `control` once the service has started.
pub(crate) struct StartWatch;

impl StartWatch {
    /// To be made before the service is asked; none when it has started already. A service that
    /// runs and refuses, as it may for hours in a remote session, must not end every pause.
    pub(crate) fn before_asking() -> Option<Self> {
        (!smartcard::service_has_started()).then_some(Self)
    }

    /// Begins to watch, until the answer is dropped; none when Windows does not tell (the pause has
    /// a limit of its own).
    pub(crate) fn begin(self, control: &Arc<Control>) -> Option<WhenStarted> {
        let control = Arc::clone(control);
        WhenStarted::call(move || control.nudge())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_that_went_with_its_last_reader_is_no_fault() {
        assert_eq!(without_service(0), ServiceLoss::LastReaderGone);
        assert_eq!(without_service(1), ServiceLoss::Stopped);
    }

    #[test]
    fn a_service_that_does_not_answer_is_a_fault_without_readers_too() {
        assert_eq!(meaning(LastError::Silent), ServiceLoss::Stopped);
    }
}
