//! What one answer of PC/SC says about one reader.

use pcsc::State;

/// A reader as PC/SC shows it, without what does not matter here: whether other programs use the
/// card, and whether it has power.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sight {
    /// PC/SC does not know the reader.
    Gone,
    /// The reader does not answer.
    Unavailable,
    /// No card.
    Empty { count: u16 },
    /// A card that does not answer.
    Mute,
    /// A card. Its ATR is empty for a moment while pcscd takes note of a removal.
    Card { count: u16, atr: Vec<u8> },
}

impl Sight {
    /// Reads `dwEventState` and the ATR. `count` is its upper half, the number of insertions and
    /// removals so far modulo 65,536; `state` cannot hold it.
    pub(crate) fn new(state: State, count: u32, atr: &[u8]) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the count has 16 bits, and only whether it is the same matters"
        )]
        let count = count as u16;
        if state.contains(State::UNKNOWN) {
            Self::Gone
        } else if state.contains(State::UNAVAILABLE) {
            Self::Unavailable
        } else if state.contains(State::PRESENT | State::MUTE) {
            Self::Mute
        } else if state.contains(State::PRESENT) {
            Self::Card {
                count,
                atr: atr.to_vec(),
            }
        } else if state.contains(State::EMPTY) {
            Self::Empty { count }
        } else {
            Self::Unavailable
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ATR: &[u8] = &[0x3b, 0x00];

    #[test]
    fn flags_say_what_is_in_the_reader() {
        let sights = [
            (State::EMPTY, Sight::Empty { count: 7 }),
            (State::PRESENT | State::MUTE, Sight::Mute),
            (State::UNAVAILABLE, Sight::Unavailable),
            (State::UNKNOWN | State::UNAVAILABLE, Sight::Gone),
            (State::UNKNOWN | State::IGNORE, Sight::Gone),
            (State::CHANGED, Sight::Unavailable),
        ];
        for (state, sight) in sights {
            assert_eq!(
                Sight::new(state | State::CHANGED, 7, ATR),
                sight,
                "{state:?}"
            );
        }
    }

    #[test]
    fn use_by_other_programs_and_power_make_no_difference() {
        let plain = Sight::new(State::PRESENT, 7, ATR);
        for state in [State::INUSE, State::EXCLUSIVE, State::UNPOWERED] {
            assert_eq!(
                Sight::new(State::PRESENT | state, 7, ATR),
                plain,
                "{state:?}"
            );
        }
    }
}
