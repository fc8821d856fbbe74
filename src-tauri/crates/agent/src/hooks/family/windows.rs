//! Windows: the hook alone.

use tokio::process::{Child, Command};

/// Windows would show a console's window for a moment.
pub(crate) fn alone(command: &mut Command) {
    const CREATE_NO_WINDOW: u32 = 0x0800_0000;
    command.creation_flags(CREATE_NO_WINDOW);
}

/// A hook; what it started is not killed with it.
pub(crate) struct Family;

impl Family {
    pub(crate) fn of(_child: &Child) -> Self {
        Self
    }

    pub(crate) fn leave(self) {}
}
