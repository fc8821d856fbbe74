//! How long it took until programs could hear that a card left: the last times, for diagnostics.

use std::collections::VecDeque;
use std::time::Duration;

use cardea_local_api::Removal;
use cardea_session::{Change, Event};

const MOST: usize = 64;

/// The last removals, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct Removals(VecDeque<Removal>);

impl Removals {
    /// Notes the cards that left with `change`, which went out so long after the card source
    /// reported them.
    pub(crate) fn note(&mut self, change: &Change, took: Duration) {
        for event in &change.events {
            if let Event::CardRemoved { reader } = event {
                if self.0.len() == MOST {
                    self.0.pop_front();
                }
                self.0.push_back(Removal {
                    at: change.at,
                    reader: reader.clone(),
                    published_after_us: u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
                });
            }
        }
    }

    pub(crate) fn all(&self) -> Vec<Removal> {
        self.0.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use cardea_session::Time;

    use super::*;

    fn change(events: Vec<Event>) -> Change {
        Change {
            revision: 1,
            at: Time::from_unix(0).unwrap(),
            events,
        }
    }

    #[test]
    fn only_removals_are_noted_and_only_the_last() {
        let mut removals = Removals::default();
        let reader = "A".to_owned();
        let inserted = Event::CardInserted { reader };
        removals.note(&change(vec![inserted]), Duration::from_micros(7));
        assert!(removals.all().is_empty());
        for number in 0..=MOST {
            let reader = number.to_string();
            let took = Duration::from_micros(number as u64);
            removals.note(&change(vec![Event::CardRemoved { reader }]), took);
        }
        let all = removals.all();
        assert_eq!((all.len(), all[0].published_after_us), (MOST, 1));
    }
}
