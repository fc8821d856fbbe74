//! What the monitor can say about itself, for `doctor` and the support bundle.

use std::fmt;

use cardea_session::{Atr, ReaderName};

use crate::observe::{Content, Watched};

/// The state of the monitor at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics {
    /// Whether there is a connection to the PC/SC service.
    pub context: ContextState,
    /// How often a connection was lost, or could not be made, in this run.
    pub losses: u64,
    /// Why, the last time.
    pub last_error: Option<LastError>,
    /// The readers that PC/SC lists.
    pub readers: Vec<ReaderDiagnostics>,
}

/// Whether there is a connection to the PC/SC service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ContextState {
    /// Not yet tried.
    #[default]
    Starting,
    /// Connected.
    Connected,
    /// The service cannot be reached; the monitor tries again.
    Lost,
}

/// Why a connection to the PC/SC service was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastError {
    /// PC/SC answered with this code.
    Pcsc(pcsc::Error),
    /// The binding to PC/SC panicked.
    Panic,
    /// PC/SC did not return from a call.
    Silent,
}

impl LastError {
    /// The code PC/SC gave, for instance `0x8010001D`.
    #[must_use]
    pub fn code(&self) -> Option<u32> {
        match self {
            Self::Pcsc(error) => Some(*error as u32),
            Self::Panic | Self::Silent => None,
        }
    }

    /// Whether the service is there and lets this user not in.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        *self == Self::Pcsc(pcsc::Error::SecurityViolation)
    }
}

impl fmt::Display for LastError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pcsc(error) => write!(f, "{error} (0x{:08X})", *error as u32),
            Self::Panic => f.write_str("the binding to PC/SC panicked"),
            Self::Silent => f.write_str("the PC/SC service does not answer"),
        }
    }
}

/// A reader that PC/SC lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReaderDiagnostics {
    /// Its name.
    pub name: ReaderName,
    /// Insertions and removals that PC/SC has counted, modulo 65,536; none when it does not say.
    pub event_count: Option<u16>,
    /// What the card in it answered to reset.
    pub atr: Option<Atr>,
}

impl From<&Watched> for ReaderDiagnostics {
    fn from(reader: &Watched) -> Self {
        let (event_count, atr) = match &reader.content {
            Content::Present { count, card, .. } => (Some(*count), Some(card.atr.clone())),
            Content::Empty { count } => (Some(*count), None),
            Content::Unseen | Content::Ignored | Content::Unavailable | Content::Mute => {
                (None, None)
            }
        };
        Self {
            name: reader.name.clone(),
            event_count,
            atr,
        }
    }
}
