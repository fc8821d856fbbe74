//! A console that does not show what is typed.

use std::io;

use cardea_win32::InputMode;

/// While it lives, the console does not show what is typed. Ctrl-C works as ever.
pub(crate) struct Hidden(InputMode);

impl Hidden {
    /// Lines, ended as ever.
    pub(crate) fn lines() -> io::Result<Self> {
        Self::with(InputMode::without_echo)
    }

    /// Keys, one by one.
    #[cfg(feature = "simulator")]
    pub(crate) fn keys() -> io::Result<Self> {
        Self::with(InputMode::with_single_keys)
    }

    fn with(change: impl FnOnce(InputMode) -> InputMode) -> io::Result<Self> {
        let before = InputMode::of(&io::stdin())?;
        change(before).apply_to(&io::stdin())?;
        Ok(Self(before))
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        // The console may have gone; then nothing needs to be put back.
        let _ = self.0.apply_to(&io::stdin());
    }
}
