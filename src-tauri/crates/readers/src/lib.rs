//! Watches smartcard readers through PC/SC and reports what is in them.
//!
//! One thread, owned by [`PcscSource`], waits in PC/SC and hands each change to a [`Sink`]; another
//! notices when the first one does not come back, because the service hangs. They only
//! look: no card is ever connected to, no APDU is sent. What a sighting means is decided in
//! `observe`, which knows no PC/SC service; how PC/SC is asked in `watch` and `monitor`.
//!
//! libpcsclite keeps the reader states in one array per process, without a lock (seen in 1.9.9), so
//! nothing else in the process may ask for reader states while a [`PcscSource`] runs: another
//! thread's answer could hide a removal until the next bounded look.

mod control;
mod delivery;
mod diagnostics;
mod guard;
mod known_cards;
mod monitor;
mod observe;
mod pattern;
mod plan;
mod service;
mod settings;
mod source;
mod watch;

use cardea_session::ReaderEvent;

pub use diagnostics::{ContextState, Diagnostics, LastError, ReaderDiagnostics};
pub use known_cards::known_cards;
pub use pattern::{CardPattern, PatternError};
/// What PC/SC answers when it does not do as it was asked.
pub use pcsc::Error as PcscError;
pub use settings::CardSettings;
pub use source::{PcscSource, StartError};

/// A running source of reader reports: PC/SC, or the simulator. Dropping it stops and joins its
/// thread.
pub trait CardSource: Send {
    /// Follows these settings from now on. Where they change what is reported, a report follows.
    fn apply(&self, settings: CardSettings);

    /// What the source knows about its connection and readers now.
    fn diagnostics(&self) -> Diagnostics;
}

/// Where a source delivers its reports: called from the source's threads, one report at a time and
/// in order. It may block briefly (back-pressure); no report is lost meanwhile.
pub type Sink = Box<dyn Fn(ReaderEvent) + Send + Sync>;
