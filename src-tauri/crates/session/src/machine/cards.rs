//! Which readers and cards there are, which of them count, and what it means when one goes.

use super::{Machine, Phase, Step};
use crate::{
    Card, Effect, EndReason, Event, FailureCode, Insertion, OnInsert, Reader, ReaderEvent,
    ReaderName, Recognise, Rules, ServiceLoss, Slot, State,
};

/// The readers as they count for this desktop session.
#[derive(Debug)]
pub(super) struct Cards {
    /// What the card source said last; none before it said anything.
    reported: Option<ReaderEvent>,
    desktop: Desktop,
    /// What was reported, without the cards while the desktop is not active.
    visible: Vec<Reader>,
}

/// Whether this desktop session is the one that the user sits at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Desktop {
    Active,
    Inactive,
}

/// A card that is where it was no longer.
struct Departure {
    card: Card,
    reader: ReaderName,
    reason: EndReason,
}

impl Default for Cards {
    fn default() -> Self {
        Self {
            reported: None,
            desktop: Desktop::Active,
            visible: Vec::new(),
        }
    }
}

impl Cards {
    pub(super) fn readers(&self) -> &[Reader] {
        &self.visible
    }

    pub(super) fn service_stopped(&self) -> bool {
        matches!(
            self.reported,
            Some(ReaderEvent::ServiceLost(ServiceLoss::Stopped))
        )
    }

    pub(super) fn desktop_is_active(&self) -> bool {
        self.desktop == Desktop::Active
    }

    /// The furthest of all readers that count.
    pub(super) fn state(&self) -> State {
        if self.service_stopped() {
            return State::Unavailable;
        }
        if self.present().next().is_some() {
            return State::CardPresent;
        }
        let counts = |reader: &Reader| !matches!(reader.slot, Slot::Ignored);
        if self.visible.iter().any(counts) {
            State::NoCard
        } else {
            State::NoReader
        }
    }

    pub(super) fn present(&self) -> impl Iterator<Item = (&ReaderName, &Card)> {
        self.visible.iter().filter_map(|reader| match &reader.slot {
            Slot::Present(card) => Some((&reader.name, card)),
            Slot::Empty | Slot::Mute | Slot::Unavailable | Slot::Ignored => None,
        })
    }

    /// The cards that a session can be bound to.
    pub(super) fn that_count(&self, rules: &Rules) -> impl Iterator<Item = (&ReaderName, &Card)> {
        let recognise = rules.recognise;
        self.present()
            .filter(move |(_, card)| counts(card, recognise))
    }

    pub(super) fn has_mute(&self) -> bool {
        self.visible.iter().any(|reader| reader.slot == Slot::Mute)
    }

    /// A card is there and the settings accept none of those there.
    pub(super) fn only_unaccepted(&self, rules: &Rules) -> bool {
        self.present().next().is_some() && self.that_count(rules).next().is_none()
    }

    fn shows(&self, insertion: Insertion) -> bool {
        self.present().any(|(_, card)| card.insertion == insertion)
    }

    /// Works out `visible` again and says which cards went, in the readers' order.
    fn refresh(&mut self) -> Vec<Departure> {
        let reported = match &self.reported {
            Some(ReaderEvent::Readers(readers)) => readers.as_slice(),
            Some(ReaderEvent::ServiceLost(_)) | None => &[],
        };
        let visible = match self.desktop {
            Desktop::Active => reported.to_vec(),
            Desktop::Inactive => reported.iter().map(without_card).collect(),
        };
        let old = std::mem::replace(&mut self.visible, visible);
        old.into_iter()
            .filter_map(|reader| match reader.slot {
                Slot::Present(card) if !self.shows(card.insertion) => Some(Departure {
                    reason: self.why_gone(&reader.name),
                    reader: reader.name,
                    card,
                }),
                Slot::Present(_) | Slot::Empty | Slot::Mute | Slot::Unavailable | Slot::Ignored => {
                    None
                }
            })
            .collect()
    }

    fn why_gone(&self, name: &ReaderName) -> EndReason {
        if self.service_stopped() {
            return EndReason::CardServiceLost;
        }
        let reader = self.visible.iter().find(|reader| reader.name == *name);
        match reader.map(|reader| &reader.slot) {
            None | Some(Slot::Unavailable) => EndReason::ReaderRemoved,
            Some(Slot::Empty | Slot::Mute) => EndReason::CardRemoved,
            Some(Slot::Present(_)) => EndReason::CardSwapped,
            Some(Slot::Ignored) => EndReason::PolicyChanged,
        }
    }
}

fn counts(card: &Card, recognise: Recognise) -> bool {
    match recognise {
        Recognise::Any => true,
        Recognise::Known => card.known_as.is_some(),
    }
}

fn without_card(reader: &Reader) -> Reader {
    let slot = match &reader.slot {
        Slot::Present(_) | Slot::Mute => Slot::Empty,
        slot @ (Slot::Empty | Slot::Unavailable | Slot::Ignored) => slot.clone(),
    };
    Reader {
        name: reader.name.clone(),
        slot,
    }
}

impl Machine {
    /// What the card source said last, also of cards that do not count while somebody else sits at
    /// this computer; none before it said anything.
    #[must_use]
    pub fn reported(&self) -> Option<&ReaderEvent> {
        self.cards.reported.as_ref()
    }

    pub(super) fn see_readers(&mut self, event: ReaderEvent, step: &mut Step) {
        self.cards.reported = Some(event);
        self.compare_cards(step);
    }

    pub(super) fn see_desktop(&mut self, desktop: Desktop, step: &mut Step) {
        self.cards.desktop = desktop;
        self.compare_cards(step);
    }

    fn compare_cards(&mut self, step: &mut Step) {
        let before: Vec<Insertion> = self
            .cards
            .present()
            .map(|(_, card)| card.insertion)
            .collect();
        let departures = self.cards.refresh();
        self.lose_cards(&departures, step);

        let mut arrived = false;
        for (reader, card) in self.cards.present() {
            if !before.contains(&card.insertion) {
                step.events.push(Event::CardInserted {
                    reader: reader.to_string(),
                });
                arrived |= counts(card, self.rules.recognise);
            }
        }
        if arrived
            && self.rules.on_insert == OnInsert::Login
            && matches!(self.phase, Phase::SignedOut)
        {
            self.log_in_with_the_card(step);
        }
    }

    fn lose_cards(&mut self, departures: &[Departure], step: &mut Step) {
        let bound = departures.iter().find(|departure| {
            self.session()
                .is_some_and(|session| session.binding.includes(departure.card.insertion))
        });
        let counted = departures
            .iter()
            .any(|departure| counts(&departure.card, self.rules.recognise));

        if counted {
            self.login_waits = None;
            self.fail_attempt(FailureCode::CardRemovedDuringLogin.into(), step);
        }
        if let Some(departure) = bound {
            self.end_session(departure.reason, step);
            if self.rules.lock_workstation_on_removal && is_removal(departure.reason) {
                step.effects.push(Effect::LockWorkstation);
            }
        }
        step.events
            .extend(departures.iter().map(|departure| Event::CardRemoved {
                reader: departure.reader.to_string(),
            }));
    }
}

fn is_removal(reason: EndReason) -> bool {
    matches!(
        reason,
        EndReason::CardRemoved | EndReason::CardSwapped | EndReason::ReaderRemoved
    )
}
