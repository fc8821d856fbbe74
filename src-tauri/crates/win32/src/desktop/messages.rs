//! What Windows sends to a window of the session, and what it means. Windows keeps this state and
//! the window on one thread.

use std::cell::Cell;
use std::ops::ControlFlow;

use windows_sys::Win32::UI::WindowsAndMessaging::{
    PBT_APMRESUMEAUTOMATIC, PBT_APMSUSPEND, WTS_CONSOLE_CONNECT, WTS_CONSOLE_DISCONNECT,
    WTS_REMOTE_CONNECT, WTS_REMOTE_DISCONNECT, WTS_SESSION_LOCK, WTS_SESSION_LOGOFF,
    WTS_SESSION_LOGON, WTS_SESSION_UNLOCK,
};

use super::{DesktopEvent, session_is_active, session_is_locked};

/// Who is told; an end means that nobody listens any more.
pub(super) type Tell = Box<dyn Fn(DesktopEvent) -> ControlFlow<()>>;

/// Whether anybody sits at the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    Active,
    /// To be asked for again from time to time: the message may come before it is true.
    Away,
}

/// Makes events of messages.
pub(super) struct Messages {
    tell: Tell,
    active: Cell<bool>,
    asleep: Cell<bool>,
}

impl Messages {
    pub(super) fn new(tell: Tell) -> Self {
        Self {
            tell,
            active: Cell::new(true),
            asleep: Cell::new(false),
        }
    }

    /// Tells how things are now.
    pub(super) fn begin(&self) -> ControlFlow<()> {
        let active = session_is_active();
        self.active.set(active);
        let locked = session_is_locked();
        (self.tell)(DesktopEvent::Began { active, locked })
    }

    pub(super) fn presence(&self) -> Presence {
        match self.active.get() {
            true => Presence::Active,
            false => Presence::Away,
        }
    }

    /// `WM_WTSSESSION_CHANGE` with this code. All codes are about our own session, as it was
    /// registered for that one only.
    pub(super) fn session_changed(&self, code: u32) -> ControlFlow<()> {
        match code {
            WTS_SESSION_LOCK => (self.tell)(DesktopEvent::Locked),
            // Every program of this desktop can send it, so Windows is asked.
            WTS_SESSION_UNLOCK => {
                if session_is_locked() != Some(true) {
                    (self.tell)(DesktopEvent::Unlocked)?;
                }
                self.look()
            }
            WTS_CONSOLE_CONNECT | WTS_REMOTE_CONNECT | WTS_SESSION_LOGON => self.look(),
            WTS_CONSOLE_DISCONNECT | WTS_REMOTE_DISCONNECT => {
                self.active.set(false);
                (self.tell)(DesktopEvent::Disconnected)
            }
            WTS_SESSION_LOGOFF => (self.tell)(DesktopEvent::LoggingOff),
            // Remote control and its like.
            _ => ControlFlow::Continue(()),
        }
    }

    /// Tells that the session is active again, once Windows says so.
    pub(super) fn look(&self) -> ControlFlow<()> {
        if self.active.get() || !session_is_active() {
            return ControlFlow::Continue(());
        }
        self.active.set(true);
        (self.tell)(DesktopEvent::Connected)
    }

    /// `WM_POWERBROADCAST` with this event.
    pub(super) fn power_changed(&self, event: u32) -> ControlFlow<()> {
        match event {
            PBT_APMSUSPEND => {
                self.asleep.set(true);
                (self.tell)(DesktopEvent::Suspending)
            }
            // At every awakening; after a critical suspend it is all that is told.
            PBT_APMRESUMEAUTOMATIC if !self.asleep.replace(false) => {
                (self.tell)(DesktopEvent::Suspending)
            }
            _ => ControlFlow::Continue(()),
        }
    }

    pub(super) fn session_ends(&self) -> ControlFlow<()> {
        (self.tell)(DesktopEvent::LoggingOff)
    }
}
