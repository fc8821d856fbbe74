//! What the broker remembers from one request to the next. Brokers that share the work of one
//! address need a shared one; the one in memory is for one process.

use std::collections::{BTreeSet, HashSet};
use std::future::{self, Future};
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};

/// What a state answers.
pub type StateAnswer<'a, T> = Pin<Box<dyn Future<Output = Result<T, StateFull>> + Send + 'a>>;

/// There is no room to remember anything more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no room left to remember this")]
pub struct StateFull;

/// Whether something has been there before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// It has not.
    First,
    /// It has.
    Again,
}

/// What the broker remembers.
pub trait State: Send + Sync {
    /// Remembers that an assertion was used, by the SHA-256 of key and `jti`, and says whether that
    /// was the first time. It is kept until `until`; both times in seconds since 1970.
    fn use_assertion(&self, id: [u8; 32], until: i64, now: i64) -> StateAnswer<'_, Use>;

    /// How much is remembered now.
    fn size(&self) -> usize;
}

/// Remembers in memory, up to a number of assertions.
#[derive(Debug)]
pub struct MemoryState {
    used: Mutex<Used>,
    room: usize,
}

#[derive(Debug, Default)]
struct Used {
    ids: HashSet<[u8; 32]>,
    /// The first to go first.
    by_end: BTreeSet<(i64, [u8; 32])>,
}

impl MemoryState {
    /// With room for this many assertions.
    #[must_use]
    pub fn with_room(room: usize) -> Self {
        Self {
            used: Mutex::default(),
            room,
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Used> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State for MemoryState {
    fn use_assertion(&self, id: [u8; 32], until: i64, now: i64) -> StateAnswer<'_, Use> {
        let answer = self.lock().note(id, until, now, self.room);
        Box::pin(future::ready(answer))
    }

    fn size(&self) -> usize {
        self.lock().ids.len()
    }
}

impl Used {
    fn note(&mut self, id: [u8; 32], until: i64, now: i64, room: usize) -> Result<Use, StateFull> {
        while let Some(&(end, oldest)) = self.by_end.first() {
            if end >= now {
                break;
            }
            self.by_end.pop_first();
            self.ids.remove(&oldest);
        }
        if self.ids.contains(&id) {
            return Ok(Use::Again);
        }
        if self.ids.len() >= room {
            return Err(StateFull);
        }
        self.ids.insert(id);
        self.by_end.insert((until, id));
        Ok(Use::First)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_assertion_is_used_once_for_as_long_as_it_is_good() {
        let state = MemoryState::with_room(10);
        assert_eq!(state.use_assertion([1; 32], 90, 0).await, Ok(Use::First));
        assert_eq!(state.use_assertion([1; 32], 90, 90).await, Ok(Use::Again));
        assert_eq!(state.use_assertion([2; 32], 180, 90).await, Ok(Use::First));
        assert_eq!(state.size(), 2);
        assert_eq!(state.use_assertion([3; 32], 181, 91).await, Ok(Use::First));
        assert_eq!(state.size(), 2);
    }

    #[tokio::test]
    async fn nothing_is_forgotten_early_to_make_room() {
        let state = MemoryState::with_room(2);
        for id in [1, 2] {
            assert_eq!(state.use_assertion([id; 32], 90, 0).await, Ok(Use::First));
        }
        assert_eq!(state.use_assertion([3; 32], 90, 0).await, Err(StateFull));
        assert_eq!(state.use_assertion([1; 32], 90, 0).await, Ok(Use::Again));
        assert_eq!(state.use_assertion([3; 32], 190, 91).await, Ok(Use::First));
    }
}
