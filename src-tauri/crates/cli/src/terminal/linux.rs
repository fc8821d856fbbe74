//! A terminal that does not show what is typed (termios).

use std::io;

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

/// While it lives, the terminal does not show what is typed. Ctrl-C works as ever.
pub(crate) struct Hidden(Termios);

impl Hidden {
    /// Lines, ended as ever.
    pub(crate) fn lines() -> io::Result<Self> {
        // What was typed before it was asked for is not part of the answer.
        let without = LocalModes::ECHO | LocalModes::ECHONL;
        Self::without(without, OptionalActions::Flush)
    }

    /// Keys, one by one.
    #[cfg(feature = "simulator")]
    pub(crate) fn keys() -> io::Result<Self> {
        let without = LocalModes::ICANON | LocalModes::ECHO;
        Self::without(without, OptionalActions::Now)
    }

    fn without(modes: LocalModes, when: OptionalActions) -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut hidden = before.clone();
        hidden.local_modes -= modes;
        tcsetattr(io::stdin(), when, &hidden)?;
        Ok(Self(before))
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        // The terminal may have gone; then nothing needs to be put back.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.0);
    }
}
