//! A console that does not show what is typed.

use std::io;

use cardea_win32::InputMode;

/// While it lives, the console does not show what is typed. Lines end and Ctrl-C works as ever.
pub(crate) struct Hidden(InputMode);

impl Hidden {
    pub(crate) fn turn_on() -> io::Result<Self> {
        let before = InputMode::of(&io::stdin())?;
        before.without_echo().apply_to(&io::stdin())?;
        Ok(Self(before))
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        // The console may have gone; then nothing needs to be put back.
        let _ = self.0.apply_to(&io::stdin());
    }
}
