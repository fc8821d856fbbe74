//! The window on a real desktop, opened from the tray and used as the clinician uses it.

mod aloud;
mod at_work;
mod behaviour;
mod computer;
mod pictures;
mod programs;
mod security;
