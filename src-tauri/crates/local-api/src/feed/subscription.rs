//! A reader of the feed that sees every revision, or is told that it did not.

use std::sync::Arc;

use bytes::Bytes;
use cardea_session::Boot;

use super::message::gap;
use super::ring::After;
use super::{Batch, Feed, Revision, View};

/// Where one stream is.
#[derive(Debug)]
pub(crate) struct Subscription {
    feed: Feed,
    view: View,
    revision: u64,
}

/// What a subscription has next.
#[derive(Debug)]
pub(crate) enum Delivery {
    /// The next change's messages, or those of a gap.
    Messages(Batch),
    /// There will be nothing more.
    Closed,
}

impl Subscription {
    pub(super) fn open(feed: Feed, view: View, last_event_id: Option<&str>) -> (Bytes, Self) {
        let (current, missed) = feed.read(|ring| {
            let missed = last_event_id.map(|id| {
                let position = Position::parse(id, feed.boot())?;
                Some((position, ring.since(position.revision)?))
            });
            (Arc::clone(ring.current()), missed)
        });
        let snapshot = current.shown(view).snapshot_message();
        let opening = match missed {
            None => snapshot,
            Some(Some((position, changes))) => {
                let mut bytes = Vec::new();
                for change in &changes {
                    let seen = (change.number() == position.revision).then_some(position.index);
                    change.replay(feed.boot(), seen, &mut bytes);
                }
                bytes.extend_from_slice(&snapshot);
                bytes.into()
            }
            Some(None) => gap_then(&feed, &current, view),
        };
        let subscription = Self {
            view,
            revision: current.number(),
            feed,
        };
        (opening, subscription)
    }

    /// Waits for the next messages.
    pub(crate) async fn next(&mut self) -> Delivery {
        loop {
            match self.feed.after(self.revision) {
                After::Next(change) => {
                    self.revision = change.number();
                    return Delivery::Messages(change.shown(self.view).messages());
                }
                After::Gap(current) => {
                    self.revision = current.number();
                    return Delivery::Messages(Batch::of(gap_then(
                        &self.feed, &current, self.view,
                    )));
                }
                After::Nothing => {}
            }
            if !self.feed.passed(self.revision).await {
                return Delivery::Closed;
            }
        }
    }

    /// The revision that its reader has seen.
    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }

    /// The run it reads.
    pub(crate) fn boot(&self) -> &Boot {
        self.feed.boot()
    }
}

fn gap_then(feed: &Feed, current: &Revision, view: View) -> Bytes {
    let mut bytes = Vec::from(gap(feed.boot(), current.number()));
    bytes.extend_from_slice(&current.shown(view).snapshot_message());
    bytes.into()
}

/// A message of this run, as its id names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Position {
    revision: u64,
    index: usize,
}

impl Position {
    /// Reads `boot-revision-n`; none when it is of another run, or nothing we wrote.
    fn parse(id: &str, boot: &Boot) -> Option<Self> {
        let mut parts = id.rsplitn(3, '-');
        let index = parts.next()?.parse().ok()?;
        let revision = parts.next()?.parse().ok()?;
        (parts.next()? == boot.as_str()).then_some(Self { revision, index })
    }
}
