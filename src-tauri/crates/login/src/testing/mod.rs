//! What the tests of this crate share: keys and ID tokens that a provider would sign, JSON that it
//! would not send, a provider on loopback, and a browser that is an HTTP client.

mod browser;
mod json;
#[cfg(target_os = "linux")]
pub(crate) mod memory;
mod provider;
mod token;

pub(crate) use browser::{Seen, TestBrowser};
pub(crate) use json::{any_json, unsigned_tokens};
pub(crate) use provider::{Change, Faults, Step, TestProvider};
pub(crate) use token::{SigningKey, change, half_hash};

use cardea_session::Time;

use crate::Clock;

/// A clock that stands still.
#[derive(Clone, Copy)]
pub(crate) struct StoppedClock(pub(crate) Time);

impl Clock for StoppedClock {
    fn now(&self) -> Time {
        self.0
    }
}
