//! Turns what PC/SC shows into reports: which insertion is which, and what changed. Pure.

mod sight;
#[cfg(test)]
mod tests;

use cardea_session::{Atr, Card, Insertion, Reader, ReaderEvent, ReaderName, ServiceLoss, Slot};

use crate::CardSettings;

pub(crate) use sight::Sight;

/// What has been seen of every reader, and what was reported last.
#[derive(Debug)]
pub(crate) struct Observer {
    settings: CardSettings,
    readers: Vec<Watched>,
    minted: u64,
    reported: Option<ReaderEvent>,
}

/// A reader that PC/SC lists.
#[derive(Debug)]
pub(crate) struct Watched {
    pub(crate) name: ReaderName,
    pub(crate) content: Content,
}

/// What is known to be in a reader.
#[derive(Debug)]
pub(crate) enum Content {
    /// Listed, not looked at yet.
    Unseen,
    /// Not looked at: the settings say so.
    Ignored,
    Unavailable,
    Empty {
        count: u16,
    },
    Mute,
    Present {
        count: u16,
        /// pcscd shows a card before it counts its insertion. Seen in between, the count is still
        /// that of the empty reader, and this is the number that the same insertion gets next.
        counted_as: Option<u16>,
        card: Card,
    },
}

impl Observer {
    pub(crate) fn new(settings: CardSettings) -> Self {
        Self {
            settings,
            readers: Vec::new(),
            minted: 0,
            reported: None,
        }
    }

    /// The readers there are, in PC/SC's order. What was in the others is gone.
    pub(crate) fn list(&mut self, names: Vec<ReaderName>) {
        let mut before = std::mem::take(&mut self.readers);
        for name in names {
            if self.readers.iter().any(|reader| reader.name == name) {
                continue;
            }
            let known = before.iter().position(|reader| reader.name == name);
            let reader = match known {
                Some(index) => before.swap_remove(index),
                None => {
                    let content = if self.settings.ignores(&name) {
                        Content::Ignored
                    } else {
                        Content::Unseen
                    };
                    Watched { name, content }
                }
            };
            self.readers.push(reader);
        }
    }

    /// What PC/SC shows of a reader now. Readers that are not listed or do not count are passed
    /// over.
    pub(crate) fn see(&mut self, name: &ReaderName, sight: Sight) {
        let Some(index) = self.readers.iter().position(|reader| reader.name == *name) else {
            return;
        };
        if matches!(self.readers[index].content, Content::Ignored) {
            return;
        }
        if sight == Sight::Gone {
            self.readers.remove(index);
            return;
        }
        let content = std::mem::replace(&mut self.readers[index].content, Content::Unseen);
        self.readers[index].content = self.follow(content, sight);
    }

    fn follow(&mut self, before: Content, sight: Sight) -> Content {
        match sight {
            Sight::Gone => Content::Unseen,
            Sight::Unavailable => Content::Unavailable,
            Sight::Empty { count } => Content::Empty { count },
            Sight::Mute => Content::Mute,
            Sight::Card { count, atr } => self.follow_card(before, count, atr),
        }
    }

    fn follow_card(&mut self, before: Content, count: u16, atr: Vec<u8>) -> Content {
        let mut counted_as = None;
        match before {
            // The ATR is the one first seen: a reset by another program can change it, and pcscd
            // clears it a moment before it shows the removal.
            Content::Present {
                count: seen,
                counted_as: expected,
                card,
            } if count == seen || Some(count) == expected => {
                let counted_as = expected.filter(|expected| *expected != count);
                return Content::Present {
                    count,
                    counted_as,
                    card,
                };
            }
            Content::Empty { count: seen } if seen == count => {
                counted_as = Some(count.wrapping_add(1));
            }
            Content::Unseen
            | Content::Ignored
            | Content::Unavailable
            | Content::Empty { .. }
            | Content::Mute
            | Content::Present { .. } => {}
        }
        if atr.is_empty() {
            return Content::Mute;
        }
        self.minted += 1;
        let atr = Atr::new(atr);
        Content::Present {
            count,
            counted_as,
            card: Card {
                insertion: Insertion(self.minted),
                known_as: self.settings.name_of(&atr).map(str::to_owned),
                atr,
            },
        }
    }

    /// Follows other settings from now on.
    pub(crate) fn apply(&mut self, settings: CardSettings) {
        self.settings = settings;
        for reader in &mut self.readers {
            let ignored = matches!(reader.content, Content::Ignored);
            match (self.settings.ignores(&reader.name), ignored) {
                (true, _) => reader.content = Content::Ignored,
                (false, true) => reader.content = Content::Unseen,
                (false, false) => {
                    if let Content::Present { card, .. } = &mut reader.content {
                        card.known_as = self.settings.name_of(&card.atr).map(str::to_owned);
                    }
                }
            }
        }
    }

    /// Forgets what was in the readers: the service is lost, and what it shows later are other
    /// insertions. Returns the report, if it is news.
    pub(crate) fn lose(&mut self, loss: ServiceLoss) -> Option<ReaderEvent> {
        self.readers.clear();
        self.news(ReaderEvent::ServiceLost(loss))
    }

    /// The report of all readers looked at, if it is news.
    pub(crate) fn report(&mut self) -> Option<ReaderEvent> {
        let readers = self.readers.iter().filter_map(Watched::reader).collect();
        self.news(ReaderEvent::Readers(readers))
    }

    fn news(&mut self, event: ReaderEvent) -> Option<ReaderEvent> {
        if self.reported.as_ref() == Some(&event) {
            return None;
        }
        self.reported = Some(event.clone());
        Some(event)
    }

    pub(crate) fn readers(&self) -> &[Watched] {
        &self.readers
    }
}

impl Watched {
    pub(crate) fn is_ignored(&self) -> bool {
        matches!(self.content, Content::Ignored)
    }

    pub(crate) fn is_mute(&self) -> bool {
        matches!(self.content, Content::Mute)
    }

    pub(crate) fn has_card(&self) -> bool {
        matches!(self.content, Content::Present { .. })
    }

    /// Holds a card whose insertion PC/SC has not counted.
    pub(crate) fn is_uncounted(&self) -> bool {
        matches!(self.content, Content::Present { count: 0, .. })
    }

    fn reader(&self) -> Option<Reader> {
        let slot = match &self.content {
            Content::Unseen => return None,
            Content::Ignored => Slot::Ignored,
            Content::Unavailable => Slot::Unavailable,
            Content::Empty { .. } => Slot::Empty,
            Content::Mute => Slot::Mute,
            Content::Present { card, .. } => Slot::Present(card.clone()),
        };
        Some(Reader {
            name: self.name.clone(),
            slot,
        })
    }
}
