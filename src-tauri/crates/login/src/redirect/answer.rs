//! What the browser is told in the end.

use std::fmt;

use cardea_session::FailureCode;
use tokio::sync::watch;

use crate::Stop;

/// How the attempt ended, as the result page says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    SignedIn,
    NotSignedIn(FailureCode),
}

/// The browser's open question whether the user is signed in. The last word is not the relying
/// party's: whoever makes a session of a granted login says here what became of it. Dropped
/// without a word it says that nobody is signed in. An attempt that was told to stop too late to
/// notice is not signed in, for the reason of the stop, whatever is said here.
#[must_use = "dropped, it says that nobody is signed in"]
pub struct BrowserAnswer {
    outcome: watch::Sender<Option<Outcome>>,
    stop: Stop,
}

impl BrowserAnswer {
    pub(crate) fn new(outcome: watch::Sender<Option<Outcome>>, stop: Stop) -> Self {
        Self { outcome, stop }
    }

    /// The login became a session.
    pub fn signed_in(self) {
        self.give(Outcome::SignedIn);
    }

    /// It did not, for this reason.
    pub fn refused(self, code: FailureCode) {
        self.give(Outcome::NotSignedIn(code));
    }

    /// The first word counts.
    fn give(&self, outcome: Outcome) {
        let stopped = self.stop.reason().map(Outcome::NotSignedIn);
        let outcome = stopped.unwrap_or(outcome);
        self.outcome.send_if_modified(|given| {
            let is_first = given.is_none();
            given.get_or_insert(outcome);
            is_first
        });
    }
}

impl Drop for BrowserAnswer {
    fn drop(&mut self) {
        self.give(Outcome::NotSignedIn(FailureCode::LoginCancelled));
    }
}

impl fmt::Debug for BrowserAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BrowserAnswer")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_signed_in_unless_somebody_says_so() {
        let told = |say: fn(BrowserAnswer)| {
            let (outcome, told) = watch::channel(None);
            say(BrowserAnswer::new(outcome, Stop::default()));
            *told.borrow()
        };
        let lost = Outcome::NotSignedIn(FailureCode::LoginCancelled);
        assert_eq!(told(drop), Some(lost));
        assert_eq!(told(BrowserAnswer::signed_in), Some(Outcome::SignedIn));
    }
}
