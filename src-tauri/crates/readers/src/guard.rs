//! Keeps waits that return at once without news from taking a whole processor: readers that plug
//! and play reports as changed for ever, names that are refused, programs that open and close a
//! card without end.

use std::time::{Duration, Instant};

const WINDOW: Duration = Duration::from_secs(1);
const FREE_PER_WINDOW: u32 = 100;
/// Long enough to cap the rest of the window at 200 rounds, short enough for a removal meanwhile.
const PAUSE: Duration = Duration::from_millis(5);

/// Counts the rounds without news.
#[derive(Debug)]
pub(crate) struct Guard {
    window: Instant,
    idle_rounds: u32,
}

impl Guard {
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            window: now,
            idle_rounds: 0,
        }
    }

    /// Notes a round that brought no news; returns how long to pause before the next.
    pub(crate) fn idle_round(&mut self, now: Instant) -> Option<Duration> {
        if now.duration_since(self.window) >= WINDOW {
            *self = Self::new(now);
        }
        self.idle_rounds = self.idle_rounds.saturating_add(1);
        (self.idle_rounds > FREE_PER_WINDOW).then_some(PAUSE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_at_an_ordinary_pace_are_never_held_up() {
        let start = Instant::now();
        let mut guard = Guard::new(start);
        for round in 0..10_000 {
            assert_eq!(
                guard.idle_round(start + round * Duration::from_millis(20)),
                None
            );
        }
    }

    #[test]
    fn a_busy_loop_is_slowed_down_and_forgiven() {
        let mut now = Instant::now();
        let mut guard = Guard::new(now);
        let end = now + Duration::from_secs(10);
        let mut rounds = 0;
        while now < end {
            rounds += 1;
            now += guard.idle_round(now).unwrap_or(Duration::from_micros(50));
        }
        assert!(rounds < 3_200, "{rounds} rounds in ten seconds");
        assert_eq!(guard.idle_round(now + WINDOW), None);
    }
}
