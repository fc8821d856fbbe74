//! Readers and cards as the card source reports them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The name PC/SC gives a reader: bytes, not always UTF-8 (Windows reports them in the ANSI code
/// page). The bytes are the key; [`fmt::Display`] shows them with what cannot be read replaced.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReaderName(Vec<u8>);

impl ReaderName {
    /// Takes the bytes PC/SC gave, without the closing zero.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// The bytes PC/SC gave, without the closing zero.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for ReaderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.0))
    }
}

impl fmt::Debug for ReaderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", String::from_utf8_lossy(&self.0))
    }
}

/// Answer to reset (ISO 7816-3, section 8): how a card introduces itself. It names a kind of card,
/// not a person. Written as hexadecimal pairs with spaces.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Atr(Vec<u8>);

impl Atr {
    /// Takes the bytes the reader gave.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// The bytes the reader gave.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for Atr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            write!(f, "{byte:02X}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Atr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Atr({self})")
    }
}

/// One stay of a card in a reader. The card source numbers them and never uses a number twice in a
/// run, so that a removal and re-insertion, however fast, is always another number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Insertion(pub u64);

/// A card that answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// This stay of the card in the reader.
    pub insertion: Insertion,
    /// What the card answered to reset.
    pub atr: Atr,
    /// The name of the pattern that the ATR matched; none when no pattern knows the card.
    pub known_as: Option<String>,
}

/// What is in a reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Slot {
    /// No card.
    Empty,
    /// A card that answered.
    Present(Card),
    /// Something is in the reader that does not answer, for instance a card upside down.
    Mute,
    /// The reader cannot say what is in it.
    Unavailable,
    /// Settings say that this reader does not count (`[card] ignore_readers`).
    Ignored,
}

/// A reader and what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reader {
    /// Its name; unique among the readers of one report.
    pub name: ReaderName,
    /// What is in it.
    pub slot: Slot,
}

/// Why the card source cannot see readers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceLoss {
    /// The service is stopped, refused or not there.
    Stopped,
    /// Windows stops the service with the last reader: there is nothing wrong, only no reader.
    LastReaderGone,
}

/// What a card source reports. Each report is complete, so that a lost one does no harm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReaderEvent {
    /// All readers there are now, in PC/SC's order.
    Readers(Vec<Reader>),
    /// The service cannot be reached; every card is as good as removed.
    ServiceLost(ServiceLoss),
}

/// The `state` of a reader in the snapshot.
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReaderStateView {
    /// No card.
    Empty,
    /// A readable card.
    Present,
    /// A card that does not answer.
    Mute,
    /// The reader does not count.
    Ignored,
    /// The reader cannot say.
    Unavailable,
    /// A state that a newer agent reports and this program does not know.
    #[serde(other)]
    Unknown,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_their_bytes_and_show_what_can_be_read() {
        let name = ReaderName::new(*b"Leser f\xfcr Karten 00");
        assert_eq!(name.to_string(), "Leser f\u{fffd}r Karten 00");
        assert_eq!(name.as_bytes(), b"Leser f\xfcr Karten 00");
    }

    #[test]
    fn atrs_are_written_in_pairs() {
        assert_eq!(Atr::new([0x3b, 0x6a, 0x00]).to_string(), "3B 6A 00");
    }
}
