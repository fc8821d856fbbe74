//! What is said to a user once: a note of it is kept among what Cardea keeps for them.

use std::fs::OpenOptions;
use std::path::PathBuf;

use crate::instance::{OnlyOne, Part};
use crate::{notifier, os};

/// Something that is said once.
pub(super) struct Once(&'static str);

/// What the program does.
pub(super) const INTRODUCED: Once = Once("introduced");
/// That the tray stays when the window is closed.
const TRAY_STAYS: Once = Once("tray-stays-told");

impl Once {
    /// Whether it was never said. Where that cannot be noted it counts as said, so that nobody is
    /// told again and again.
    pub(super) fn is_to_come(&self) -> bool {
        self.note().is_some_and(|note| !note.exists())
    }

    /// Notes that it was said.
    pub(super) fn is_done(&self) {
        let Some(note) = self.note() else { return };
        let folder = note.parent().map(os::create_private_folder);
        let noted = folder
            .unwrap_or(Ok(()))
            .and_then(|()| OpenOptions::new().create(true).append(true).open(note));
        if let Err(error) = noted {
            tracing::warn!(%error, "it is not noted what the user was told once");
        }
    }

    fn note(&self) -> Option<PathBuf> {
        os::state().map(|folder| folder.join(self.0))
    }
}

/// Says once that closing the window leaves Cardea in the tray, where that is so.
pub(super) fn tell_where_it_is() {
    let is_tray_there = || matches!(OnlyOne::take(Part::Tray), Ok(None));
    if TRAY_STAYS.is_to_come() && is_tray_there() {
        TRAY_STAYS.is_done();
        let hint = cardea_desktop_model::tray_stays();
        tauri::async_runtime::block_on(notifier::tell_at_last(&hint));
    }
}
