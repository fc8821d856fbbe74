//! The books of the reception, and what everybody is told who watches them.

use std::ops::{Deref, DerefMut};

use tokio::sync::{MutexGuard, watch};
use tokio::time::Instant;

use super::store::Store;
use crate::pairing::Desk;

/// The pairings under way, and the list of programs.
#[derive(Debug)]
pub(super) struct Books {
    pub(super) desk: Desk,
    pub(super) store: Store,
}

impl Books {
    pub(super) fn new(store: Store) -> Self {
        Self {
            desk: Desk::default(),
            store,
        }
    }
}

/// The books while one has them open. Whatever was done to the pairings, closing the books tells who
/// waits for the user, when that has changed.
pub(super) struct Open<'a> {
    books: MutexGuard<'a, Books>,
    waiting: &'a watch::Sender<Vec<String>>,
}

impl<'a> Open<'a> {
    pub(super) fn new(
        books: MutexGuard<'a, Books>,
        waiting: &'a watch::Sender<Vec<String>>,
    ) -> Self {
        Self { books, waiting }
    }
}

impl Deref for Open<'_> {
    type Target = Books;

    fn deref(&self) -> &Books {
        &self.books
    }
}

impl DerefMut for Open<'_> {
    fn deref_mut(&mut self) -> &mut Books {
        &mut self.books
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        let waiting = self.books.desk.waiting(Instant::now());
        let now: Vec<_> = waiting.map(|pairing| pairing.id.to_owned()).collect();
        self.waiting.send_if_modified(|before| {
            let differs = *before != now;
            *before = now;
            differs
        });
    }
}
