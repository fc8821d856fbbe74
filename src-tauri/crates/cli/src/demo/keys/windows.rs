//! Single keys of a console.

use std::io;

use cardea_win32::InputMode;

/// While it lives, the console gives keys one by one and does not show them. Ctrl-C still works.
pub(in crate::demo) struct SingleKeys(InputMode);

impl SingleKeys {
    pub(super) fn turn_on() -> io::Result<Self> {
        let before = InputMode::of(&io::stdin())?;
        before.with_single_keys().apply_to(&io::stdin())?;
        Ok(Self(before))
    }
}

impl Drop for SingleKeys {
    fn drop(&mut self) {
        // The console may have gone; then nothing needs to be put back.
        let _ = self.0.apply_to(&io::stdin());
    }
}
