//! The two clocks that the session machine is told.

use std::time::Instant;

use cardea_session::{Now, Time};

/// Reads both clocks; the monotonic one counts from when this was made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    origin: Instant,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self {
            origin: Instant::now(),
        }
    }

    pub(crate) fn now(self) -> Now {
        Now {
            wall: Time::from(jiff::Timestamp::now()),
            monotonic: self.origin.elapsed(),
        }
    }
}
