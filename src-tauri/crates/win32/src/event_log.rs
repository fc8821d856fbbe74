//! The Event Log of Windows.

use std::io;

use windows_sys::Win32::System::EventLog::{
    DeregisterEventSource, EVENTLOG_ERROR_TYPE, EVENTLOG_INFORMATION_TYPE, EVENTLOG_WARNING_TYPE,
    RegisterEventSourceW, ReportEventW,
};

use crate::handle::succeeded;
use crate::text::wide;

/// How much an event matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// All is well.
    Information,
    /// Somebody may have to look.
    Warning,
    /// Somebody has to look.
    Error,
}

/// Writes one event to the log that `source` is registered for, else to `Application`.
///
/// `id` is the whole number of the message in the source's message table, with severity and
/// customer bit (winerror.h); `insertions` stand in for its `%1`, `%2` and so on.
///
/// # Errors
/// What Windows says: for instance that its Event Log service does not run.
pub fn report(source: &str, severity: Severity, id: u32, insertions: &[&str]) -> io::Result<()> {
    let kind = match severity {
        Severity::Information => EVENTLOG_INFORMATION_TYPE,
        Severity::Warning => EVENTLOG_WARNING_TYPE,
        Severity::Error => EVENTLOG_ERROR_TYPE,
    };
    let texts: Vec<_> = insertions.iter().map(wide).collect();
    let pointers: Vec<_> = texts.iter().map(|text| text.as_ptr()).collect();
    let count = u16::try_from(pointers.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    let source = wide(source);
    // SAFETY: a text with a zero at its end, on this computer.
    let log = unsafe { RegisterEventSourceW(std::ptr::null(), source.as_ptr()) };
    if log.is_null() {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: as many texts as counted, each with a zero at its end; no user, no data. The log is
    // closed once.
    unsafe {
        let reported = succeeded(ReportEventW(
            log,
            kind,
            0,
            id,
            std::ptr::null_mut(),
            count,
            0,
            pointers.as_ptr(),
            std::ptr::null(),
        ));
        DeregisterEventSource(log);
        reported
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Wine takes events and keeps none, so that they cannot be read back.
    #[test]
    fn an_event_is_taken() {
        report("Test", Severity::Warning, 0xA000_0001, &["one", "two"]).unwrap();
        report("Test", Severity::Information, 0x6000_0002, &[]).unwrap();
    }
}
