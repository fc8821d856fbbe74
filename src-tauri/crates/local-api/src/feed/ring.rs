//! The last changes, bounded by number and by bytes.

use std::collections::VecDeque;
use std::sync::Arc;

use super::Revision;

const MAX_CHANGES: usize = 1_024;
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// The current revision and the changes that led to it, as far back as they are kept.
#[derive(Debug)]
pub(super) struct Ring {
    current: Arc<Revision>,
    /// The revision before the oldest change that is kept.
    base: u64,
    changes: VecDeque<Arc<Revision>>,
    bytes: usize,
}

/// What comes after a revision.
#[derive(Debug)]
pub(super) enum After {
    /// Nothing yet.
    Nothing,
    /// The next one.
    Next(Arc<Revision>),
    /// The next one is not kept any more, or never was; this is the current one.
    Gap(Arc<Revision>),
}

impl Ring {
    pub(super) fn new(first: Revision) -> Self {
        Self {
            base: first.number(),
            current: Arc::new(first),
            changes: VecDeque::new(),
            bytes: 0,
        }
    }

    pub(super) fn push(&mut self, revision: Arc<Revision>) {
        self.bytes += revision.size();
        self.changes.push_back(Arc::clone(&revision));
        self.current = revision;
        while self.changes.len() > MAX_CHANGES || self.bytes > MAX_BYTES {
            let Some(oldest) = self.changes.pop_front() else {
                break;
            };
            self.bytes -= oldest.size();
            self.base = oldest.number();
        }
    }

    /// Has `fresh` stand for the current revision, whose number it has.
    pub(super) fn renew(&mut self, fresh: Arc<Revision>) {
        debug_assert_eq!(fresh.number(), self.current.number());
        self.current = fresh;
    }

    pub(super) fn current(&self) -> &Arc<Revision> {
        &self.current
    }

    pub(super) fn after(&self, revision: u64) -> After {
        if revision == self.current.number() {
            return After::Nothing;
        }
        let next = self
            .changes
            .partition_point(|change| change.number() <= revision);
        match self.changes.get(next) {
            Some(change) if revision >= self.base && change.number() == revision + 1 => {
                After::Next(Arc::clone(change))
            }
            Some(_) | None => After::Gap(Arc::clone(&self.current)),
        }
    }

    /// The kept change that led to `revision`, and those after it; none when some are missing.
    pub(super) fn since(&self, revision: u64) -> Option<Vec<Arc<Revision>>> {
        if revision < self.base || revision > self.current.number() {
            return None;
        }
        let start = self
            .changes
            .partition_point(|change| change.number() < revision);
        Some(self.changes.iter().skip(start).cloned().collect())
    }
}
