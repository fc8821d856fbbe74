//! How often a workstation may ask: so many in a minute, a few at once.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Requests that may come at once.
const AT_ONCE: f64 = 10.0;

/// Workstations that are counted at a time; those that have not asked for a while are not.
const ROOM: usize = 20_000;

/// What each workstation may still ask.
#[derive(Debug)]
pub(crate) struct Rates {
    left: Mutex<HashMap<String, Left>>,
    per_second: f64,
}

#[derive(Clone, Copy, Debug)]
struct Left {
    requests: f64,
    at: i64,
}

impl Rates {
    pub(crate) fn per_minute(requests: u16) -> Self {
        Self {
            left: Mutex::default(),
            per_second: f64::from(requests) / 60.0,
        }
    }

    /// Whether one more of this workstation is within its rate; `now` in seconds since 1970.
    pub(crate) fn takes(&self, workstation: &str, now: i64) -> bool {
        let mut all = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= ROOM && !all.contains_key(workstation) {
            all.retain(|_, left| self.refilled(*left, now).requests < AT_ONCE);
            if all.len() >= ROOM {
                return false;
            }
        }
        let full = Left {
            requests: AT_ONCE,
            at: now,
        };
        let left = all.entry(workstation.to_owned()).or_insert(full);
        *left = self.refilled(*left, now);
        if left.requests < 1.0 {
            return false;
        }
        left.requests -= 1.0;
        true
    }

    fn refilled(&self, left: Left, now: i64) -> Left {
        let passed = u32::try_from(now.saturating_sub(left.at)).unwrap_or(0);
        let more = f64::from(passed) * self.per_second;
        Left {
            requests: (left.requests + more).min(AT_ONCE),
            at: now,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_workstation_that_asks_too_often_holds_up_no_other() {
        let rates = Rates::per_minute(30);
        for _ in 0..10 {
            assert!(rates.takes("one", 1000));
        }
        assert!(!rates.takes("one", 1000));
        assert!(rates.takes("other", 1000));
        assert!(!rates.takes("one", 1001));
        assert!(rates.takes("one", 1003));
        assert!(!rates.takes("one", 1003));
        // A clock that is set back gives nothing.
        assert!(!rates.takes("one", 0));
    }
}
