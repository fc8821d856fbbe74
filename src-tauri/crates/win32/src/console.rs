//! The console that a program was started from.

use std::io;
use std::os::windows::io::{AsHandle, AsRawHandle as _};

use windows_sys::Win32::System::Console::{
    CONSOLE_MODE, ENABLE_ECHO_INPUT, ENABLE_LINE_INPUT, FreeConsole, GetConsoleMode,
    GetConsoleProcessList, SetConsoleMode,
};
#[cfg(feature = "test-support")]
use windows_sys::Win32::{
    System::Console::GetConsoleWindow, UI::WindowsAndMessaging::IsWindowVisible,
};

use crate::handle::succeeded;

/// How a console gives what is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InputMode(CONSOLE_MODE);

impl InputMode {
    /// The one of this console's input.
    ///
    /// # Errors
    /// What Windows says, for instance that it is no console.
    pub fn of(input: &impl AsHandle) -> io::Result<Self> {
        let mut mode = 0;
        // SAFETY: an open handle, and a place for the answer.
        succeeded(unsafe { GetConsoleMode(input.as_handle().as_raw_handle(), &raw mut mode) })?;
        Ok(Self(mode))
    }

    /// The same, but for keys that come one by one and are not shown. Ctrl-C still works.
    #[must_use]
    pub fn with_single_keys(self) -> Self {
        Self(self.0 & !(ENABLE_LINE_INPUT | ENABLE_ECHO_INPUT))
    }

    /// The same, but for lines that are not shown while they are typed.
    #[must_use]
    pub fn without_echo(self) -> Self {
        Self(self.0 & !ENABLE_ECHO_INPUT)
    }

    /// Makes it the one of this console's input.
    ///
    /// # Errors
    /// What Windows says.
    pub fn apply_to(self, input: &impl AsHandle) -> io::Result<()> {
        // SAFETY: an open handle, and a number.
        succeeded(unsafe { SetConsoleMode(input.as_handle().as_raw_handle(), self.0) })
    }
}

/// Closes the console that was opened for this program alone, as Windows does where a program that
/// writes to one is started without: its window would stand before the user. What goes to a pipe or a
/// file, or to a console of others, still does.
pub fn close_own_console() {
    let mut programs = [0; 2];
    // SAFETY: room for so many numbers; the second call takes nothing.
    unsafe {
        if GetConsoleProcessList(programs.as_mut_ptr(), 2) == 1 {
            FreeConsole();
        }
    }
}

/// What console a program has.
#[cfg(feature = "test-support")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsoleOfThis {
    /// None.
    None,
    /// One of its own, whose window nobody sees.
    OwnUnseen,
    /// One that others have too, or that is seen.
    SharedOrSeen,
}

/// What console this program has.
#[cfg(feature = "test-support")]
#[must_use]
pub fn console_of_this() -> ConsoleOfThis {
    let mut programs = [0; 4];
    // SAFETY: room for so many numbers.
    let count = unsafe { GetConsoleProcessList(programs.as_mut_ptr(), 4) };
    // SAFETY: takes nothing, and a window or none.
    let is_seen = unsafe { IsWindowVisible(GetConsoleWindow()) != 0 };
    match (count, is_seen) {
        (0, false) => ConsoleOfThis::None,
        (1, false) => ConsoleOfThis::OwnUnseen,
        (_, _) => ConsoleOfThis::SharedOrSeen,
    }
}
