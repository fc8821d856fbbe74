//! The event that is set while the service runs.

use std::ptr::null;
use std::sync::{LazyLock, Mutex, Once};
use std::thread;

use windows_sys::Win32::Foundation::HANDLE;
use windows_sys::Win32::System::Threading::{CreateEventW, ResetEvent, SetEvent};

use crate::wire::{Answer, call};

/// One for each process, never closed.
struct Event {
    handle: HANDLE,
    /// How often the service has started and stopped, as far as the event shows it.
    shown: Mutex<u64>,
}

// SAFETY: an event may be set and reset by any thread.
unsafe impl Send for Event {}
// SAFETY: the same.
unsafe impl Sync for Event {}

static STARTED: LazyLock<Event> = LazyLock::new(|| Event {
    // SAFETY: no attributes and no name; unset, and reset by hand.
    handle: unsafe { CreateEventW(null(), 1, 0, null()) },
    shown: Mutex::new(0),
});

impl Event {
    /// Sets or resets the event, unless it shows something later already. The service runs after
    /// an odd number of changes.
    fn show(&self, answer: &Answer) -> Option<u64> {
        let changes = answer.words.first()?.parse().ok()?;
        let mut shown = self.shown.lock().ok()?;
        if changes > *shown {
            *shown = changes;
            // SAFETY: the event is never closed.
            unsafe {
                if changes % 2 == 1 {
                    SetEvent(self.handle);
                } else {
                    ResetEvent(self.handle);
                }
            }
        }
        Some(changes)
    }

    fn follow(&self) {
        let mut changes = 0;
        while let Some(now) = self.show(&call(&format!("Follow {changes}"))) {
            changes = now;
        }
    }
}

/// `SCardAccessStartedEvent`. The event is right when this returns, and soon after each change.
#[unsafe(no_mangle)]
pub extern "system" fn SCardAccessStartedEvent() -> HANDLE {
    static FOLLOWED: Once = Once::new();
    STARTED.show(&call("Started"));
    FOLLOWED.call_once(|| drop(thread::spawn(|| STARTED.follow())));
    STARTED.handle
}

/// `SCardReleaseStartedEvent`.
#[unsafe(no_mangle)]
pub extern "system" fn SCardReleaseStartedEvent() {}
