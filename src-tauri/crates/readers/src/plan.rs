//! Decides which readers one wait covers and how long it may last. Pure.

use std::time::Duration;

use cardea_session::ReaderName;

use crate::observe::Watched;

/// The entries that one call takes (`PCSCLITE_MAX_READERS_CONTEXTS`).
pub(crate) const MAX_ENTRIES: usize = 16;

/// How long a wait may last: readers are listed again after it, for the plug-and-play entry misses
/// some.
const NET: Duration = Duration::from_secs(5);

/// Some drivers lose events, so that everything is looked at afresh this often at least; and as soon
/// as a wait has ended that can miss something, which is each of the shorter ones below.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// The wait while a card is there whose event count is still 0: pcscd takes 0 for "not known" and
/// does not wake anybody for a swap of that card (1.9.9).
const UNCOUNTED_NET: Duration = Duration::from_secs(1);

/// The wait while a reader with a mute card is left out of the wait.
const MUTE_NET: Duration = Duration::from_secs(2);

/// The wait when there are more readers than entries.
const OVERFLOW_NET: Duration = Duration::from_millis(250);

/// One wait.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// The readers to wait for, those with a card first.
    pub(crate) readers: Vec<ReaderName>,
    /// Whether to wait for readers that come and go, too.
    pub(crate) plug_and_play: bool,
    /// When to end it although nothing happened.
    pub(crate) limit: Duration,
    /// How long after the last look everything is looked at afresh.
    pub(crate) look_after: Duration,
}

impl Plan {
    /// The wait that notices the removal of a card at once, whatever else there is.
    ///
    /// While a mute card is in a reader of the wait, libpcsclite sleeps 400 ms before it returns
    /// (1.9.9). So a mute reader is waited for only while no other reader holds a readable card.
    ///
    /// When the readers fill all entries, the plug-and-play entry is left out: pcscd has no room
    /// for more readers either, and that one of them goes shows in its own entry.
    pub(crate) fn new(readers: &[Watched]) -> Self {
        let card_somewhere = readers.iter().any(Watched::has_card);
        let left_out = |reader: &Watched| card_somewhere && reader.is_mute();
        let (cards, others): (Vec<_>, Vec<_>) = readers
            .iter()
            .filter(|reader| !reader.is_ignored())
            .partition(|reader| reader.has_card());
        let others = others.into_iter().filter(|reader| !left_out(reader));
        let mut names: Vec<_> = cards.into_iter().chain(others).collect();

        let mut limit = if readers.iter().any(Watched::is_uncounted) {
            UNCOUNTED_NET
        } else if readers.iter().any(left_out) {
            MUTE_NET
        } else {
            NET
        };
        let plug_and_play = names.len() != MAX_ENTRIES;
        let room = MAX_ENTRIES - usize::from(plug_and_play);
        if names.len() > room || !plug_and_play {
            limit = OVERFLOW_NET;
        }
        names.truncate(room);
        Self {
            readers: names
                .into_iter()
                .map(|reader| reader.name.clone())
                .collect(),
            plug_and_play,
            limit,
            look_after: if limit == NET { LOOK_EVERY } else { limit },
        }
    }
}

/// The readers that count: all that a fresh look covers.
pub(crate) fn looked_at(readers: &[Watched]) -> Vec<ReaderName> {
    readers
        .iter()
        .filter(|reader| !reader.is_ignored())
        .map(|reader| reader.name.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use cardea_session::{Atr, Card, Insertion};

    use super::*;
    use crate::observe::Content;

    fn reader(name: &str, content: Content) -> Watched {
        Watched {
            name: ReaderName::new(name),
            content,
        }
    }

    fn card(count: u16) -> Content {
        Content::Present {
            count,
            counted_as: None,
            card: Card {
                insertion: Insertion(1),
                atr: Atr::new([0x3b]),
                known_as: None,
            },
        }
    }

    fn empty(number: usize) -> Watched {
        reader(&format!("R{number}"), Content::Empty { count: 4 })
    }

    fn names(plan: &Plan) -> Vec<String> {
        plan.readers.iter().map(ReaderName::to_string).collect()
    }

    #[test]
    fn without_readers_it_waits_for_the_first_one() {
        let plan = Plan::new(&[]);
        assert!(plan.plug_and_play);
        assert_eq!(plan.limit, NET);
    }

    #[test]
    fn it_waits_for_every_reader_that_counts_and_for_new_ones() {
        let readers = [
            empty(1),
            reader("ignored", Content::Ignored),
            reader("new", Content::Unseen),
            reader("broken", Content::Unavailable),
            reader("card", card(1)),
            reader("mute later", Content::Empty { count: 0 }),
        ];
        let plan = Plan::new(&readers);
        assert_eq!(names(&plan), ["card", "R1", "new", "broken", "mute later"]);
        assert!(plan.plug_and_play);
        assert_eq!(plan.limit, NET);
        assert_eq!(plan.look_after, LOOK_EVERY);
        assert_eq!(looked_at(&readers).len(), 5);
    }

    #[test]
    fn a_mute_card_does_not_slow_the_removal_of_another_card() {
        let plan = Plan::new(&[reader("mute", Content::Mute), reader("card", card(1))]);
        assert_eq!(names(&plan), ["card"]);
        assert_eq!(plan.limit, MUTE_NET);
    }

    #[test]
    fn a_mute_card_alone_is_waited_for() {
        let plan = Plan::new(&[reader("mute", Content::Mute), empty(1)]);
        assert_eq!(names(&plan), ["mute", "R1"]);
        assert_eq!(plan.limit, NET);
    }

    #[test]
    fn a_card_that_pcscd_has_not_counted_is_looked_at_more_often() {
        let plan = Plan::new(&[reader("card", card(0)), reader("mute", Content::Mute)]);
        assert_eq!(plan.limit, UNCOUNTED_NET);
        assert_eq!(plan.look_after, UNCOUNTED_NET);
    }

    #[test]
    fn the_entries_are_never_exceeded_and_cards_come_first() {
        for count in 0..40 {
            let mut readers: Vec<_> = (0..count).map(empty).collect();
            readers.push(reader("card", card(1)));
            let plan = Plan::new(&readers);
            let entries = plan.readers.len() + usize::from(plan.plug_and_play);
            assert!(entries <= MAX_ENTRIES, "{count} readers: {entries} entries");
            assert_eq!(plan.readers[0], ReaderName::new("card"));
            let all = plan.plug_and_play && plan.readers.len() == readers.len();
            assert_eq!(plan.look_after == LOOK_EVERY, all, "{count} readers");
        }
    }

    #[test]
    fn readers_that_fill_every_entry_are_all_waited_for() {
        let readers: Vec<_> = (0..MAX_ENTRIES).map(empty).collect();
        let plan = Plan::new(&readers);
        assert_eq!(plan.readers.len(), MAX_ENTRIES);
        assert!(!plan.plug_and_play);
    }
}
