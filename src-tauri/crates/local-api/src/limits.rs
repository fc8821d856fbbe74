//! What callers may take up before they are known, and how often they may guess.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Connections that have not shown a token.
const MAX_STRANGERS: usize = 64;
/// Wrong tokens within [`WRONG_TOKEN_WINDOW`].
const MAX_WRONG_TOKENS: u32 = 30;
const WRONG_TOKEN_WINDOW: Duration = Duration::from_secs(60);

/// The connections that have not shown a token. When there are too many the oldest has to go, so
/// that however many strangers there are, a program that speaks at once gets through.
#[derive(Clone, Debug, Default)]
pub(crate) struct Strangers(Arc<StrangersInner>);

#[derive(Debug, Default)]
struct StrangersInner {
    next: AtomicU64,
    present: Mutex<VecDeque<(u64, CancellationToken)>>,
}

impl Strangers {
    pub(crate) fn enter(&self) -> Stranger {
        let number = self.0.next.fetch_add(1, Ordering::Relaxed);
        let sent_away = CancellationToken::new();
        let mut present = self
            .0
            .present
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if present.len() >= MAX_STRANGERS
            && let Some((_, oldest)) = present.pop_front()
        {
            oldest.cancel();
        }
        present.push_back((number, sent_away.clone()));
        drop(present);
        Stranger {
            number,
            sent_away,
            among: self.clone(),
        }
    }
}

/// One of them, until dropped.
#[derive(Debug)]
pub(crate) struct Stranger {
    number: u64,
    sent_away: CancellationToken,
    among: Strangers,
}

impl Stranger {
    /// Cancelled when it has to go.
    pub(crate) fn sent_away(&self) -> CancellationToken {
        self.sent_away.clone()
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        let mut present = self
            .among
            .0
            .present
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        present.retain(|(number, _)| *number != self.number);
    }
}

/// Counts wrong tokens, never missing ones. It is asked only after a token was found wrong, so that
/// nobody's guesses hold up a valid one.
#[derive(Debug, Default)]
pub(crate) struct WrongTokens(Mutex<Option<(Instant, u32)>>);

impl WrongTokens {
    /// Counts one more; when there are too many, says when to come again.
    pub(crate) fn count(&self) -> Result<(), Duration> {
        let now = Instant::now();
        let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (start, count) = match *window {
            Some((start, count)) if now - start < WRONG_TOKEN_WINDOW => (start, count),
            Some(_) | None => (now, 0),
        };
        *window = Some((start, count.saturating_add(1)));
        if count < MAX_WRONG_TOKENS {
            Ok(())
        } else {
            Err(start + WRONG_TOKEN_WINDOW - now)
        }
    }
}

/// Between two lines of the log about the same thing that anybody can bring about.
const SELDOM: Duration = Duration::from_secs(60);

/// Keeps what anybody can bring about from filling the log, and counts it. Clones are the same one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seldom(Arc<SeldomInner>);

#[derive(Debug, Default)]
struct SeldomInner {
    last: Mutex<Option<(Instant, u64)>>,
    all: AtomicU64,
}

impl Seldom {
    /// How often it came about.
    pub(crate) fn all(&self) -> u64 {
        self.0.all.load(Ordering::Relaxed)
    }

    /// Counts one more; the count since the last line, when it is time for another one.
    pub(crate) fn count(&self) -> Option<u64> {
        self.0.all.fetch_add(1, Ordering::Relaxed);
        let now = Instant::now();
        let mut last = self.0.last.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *last {
            Some((at, count)) if now - *at < SELDOM => {
                *count += 1;
                None
            }
            other => {
                let count = other.map_or(1, |(_, count)| count + 1);
                *other = Some((now, 0));
                Some(count)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_stranger_goes_when_one_too_many_comes() {
        let strangers = Strangers::default();
        let present: Vec<_> = (0..MAX_STRANGERS).map(|_| strangers.enter()).collect();
        assert!(present.iter().all(|one| !one.sent_away().is_cancelled()));
        let late = strangers.enter();
        assert!(present[0].sent_away().is_cancelled());
        assert!(!present[1].sent_away().is_cancelled() && !late.sent_away().is_cancelled());
    }

    #[test]
    fn a_stranger_that_left_makes_room() {
        let strangers = Strangers::default();
        let mut present: Vec<_> = (0..MAX_STRANGERS).map(|_| strangers.enter()).collect();
        present.pop();
        let _late = strangers.enter();
        assert!(!present[0].sent_away().is_cancelled());
    }

    #[tokio::test(start_paused = true)]
    async fn what_anybody_can_bring_about_is_told_once_a_minute_with_its_count() {
        let seldom = Seldom::default();
        assert_eq!(seldom.count(), Some(1));
        for _ in 0..1000 {
            assert_eq!(seldom.count(), None);
        }
        tokio::time::advance(SELDOM).await;
        assert_eq!(seldom.count(), Some(1001));
        assert_eq!(seldom.count(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn wrong_tokens_are_held_up_for_the_rest_of_the_minute() {
        let wrong = WrongTokens::default();
        for _ in 0..MAX_WRONG_TOKENS {
            assert!(wrong.count().is_ok());
        }
        tokio::time::advance(Duration::from_secs(20)).await;
        assert_eq!(wrong.count(), Err(Duration::from_secs(40)));
        tokio::time::advance(Duration::from_secs(40)).await;
        assert!(wrong.count().is_ok());
    }
}
