//! Silence is logout (contract, sections 4.3 and 4.4): decides from what comes over the stream,
//! what does not come, and the clocks, whether somebody may count as signed in. Pure.

#[cfg(test)]
mod tests;

use std::time::Duration;

use cardea_session::{Boot, EndReason, EventName, Now, SessionId, SessionView, Snapshot, State};

use crate::{ClientError, SignedOutReason, StreamEvent, View};

/// So long without a live snapshot, and the session counts as ended.
const LONGEST_DOUBT: Duration = Duration::from_secs(3);

/// So much more on the wall clock than on the monotonic one, and the computer slept.
const DRIFT: Duration = Duration::from_secs(2);

/// So long without being called, and this process slept. It is called every second.
const STALL: Duration = Duration::from_secs(5);

/// Something that is known.
#[derive(Debug)]
pub(crate) enum Signal<'a> {
    /// A message came.
    Event(&'a StreamEvent),
    /// The stream is lost, or could not be opened.
    Lost(Loss),
    /// Time passed.
    Tick,
}

/// How the stream was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Loss {
    /// It closed, broke, or cannot be opened: maybe for a moment only.
    Closed,
    /// 30 s without a byte.
    Silent,
    /// The agent says no.
    Refused,
}

impl From<&ClientError> for Loss {
    fn from(error: &ClientError) -> Self {
        match error {
            ClientError::Silent => Self::Silent,
            ClientError::Refused => Self::Refused,
            ClientError::Problem(problem) if matches!(problem.status, 401 | 403) => Self::Refused,
            ClientError::Problem(_)
            | ClientError::NotRunning(_)
            | ClientError::Unreachable(_)
            | ClientError::NoRuntimeFolder
            | ClientError::Endpoint(_)
            | ClientError::Address(_)
            | ClientError::OtherUser
            | ClientError::NotProven
            | ClientError::TimedOut(_)
            | ClientError::Answer { .. }
            | ClientError::Connection(_)
            | ClientError::Closed
            | ClientError::NoRandomness => Self::Closed,
        }
    }
}

/// Whether the stream can be read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Stream {
    Good,
    /// What it still holds may be old: open a new one.
    Stale,
}

/// The state of knowledge.
#[derive(Debug)]
pub(crate) struct Silence {
    view: View,
    boot: Option<Boot>,
    revision: u64,
    /// No live snapshot until then, on the monotonic clock: the session counts as ended.
    decide_by: Option<Duration>,
    last: Now,
    news: Vec<View>,
}

impl Silence {
    pub(crate) fn new(now: Now) -> Self {
        Self {
            view: View::Checking,
            boot: None,
            revision: 0,
            decide_by: Some(now.monotonic + LONGEST_DOUBT),
            last: now,
            news: Vec::new(),
        }
    }

    /// What a program may show now.
    pub(crate) fn view(&self) -> &View {
        &self.view
    }

    /// The views since this was asked last, in order.
    pub(crate) fn news(&mut self) -> Vec<View> {
        std::mem::take(&mut self.news)
    }

    /// When [`Signal::Tick`] is due at the latest, on the monotonic clock.
    pub(crate) fn decide_by(&self) -> Option<Duration> {
        self.decide_by
    }

    /// Takes a signal.
    pub(crate) fn handle(&mut self, signal: &Signal<'_>, now: Now) -> Stream {
        let slept = self.has_slept(now);
        self.last = now;
        if slept {
            self.doubt(now);
        }
        match signal {
            Signal::Event(event) => self.hear(event, slept, now),
            Signal::Lost(loss) => self.lose(*loss, now),
            Signal::Tick => {}
        }
        if self.decide_by.is_some_and(|limit| now.monotonic >= limit) {
            self.decide(SignedOutReason::AgentLost);
        }
        if slept { Stream::Stale } else { Stream::Good }
    }

    fn has_slept(&self, now: Now) -> bool {
        let ran = now.monotonic.saturating_sub(self.last.monotonic);
        ran > STALL || now.wall.since(self.last.wall) > ran + DRIFT
    }

    fn hear(&mut self, event: &StreamEvent, slept: bool, now: Now) {
        if self.boot.as_ref().is_some_and(|boot| *boot != event.boot) {
            self.revision = 0;
            if self.view.session().is_some() {
                self.lock(SignedOutReason::AgentRestarted);
            }
        }
        self.boot = Some(event.boot.clone());
        match event.name {
            EventName::SessionEnded => {
                let reason = event.reason.unwrap_or(EndReason::Unknown);
                self.lock(SignedOutReason::Ended(reason));
            }
            EventName::Gap => self.doubt(now),
            EventName::Snapshot => {
                let live = !event.replayed && !slept && event.revision >= self.revision;
                self.revision = self.revision.max(event.revision);
                match event.snapshot.as_deref() {
                    Some(snapshot) if live => self.learn(snapshot),
                    Some(snapshot) => self.learn_from_the_past(snapshot),
                    None => {}
                }
            }
            EventName::SessionStarted
            | EventName::SessionChanged
            | EventName::SessionExpiring
            | EventName::SessionExpiryWithdrawn
            | EventName::LoginStarted
            | EventName::LoginFailed
            | EventName::TokensExpiring
            | EventName::CardInserted
            | EventName::CardRemoved
            | EventName::PairingsChanged
            | EventName::SettingsChanged
            | EventName::Heartbeat
            | EventName::Unknown => {}
        }
    }

    /// A live snapshot: the only thing that unlocks.
    fn learn(&mut self, snapshot: &Snapshot) {
        self.decide_by = None;
        let shown = self.view.session().map(|session| &session.id);
        let Some(active) = active_session(snapshot) else {
            return self.lock(signed_out_by(snapshot, shown));
        };
        if shown.is_some_and(|id| *id != active.id) {
            self.lock(SignedOutReason::OtherSession);
        }
        self.show(View::SignedIn(Box::new(snapshot.clone())));
    }

    /// A snapshot that may be old can lock only.
    fn learn_from_the_past(&mut self, snapshot: &Snapshot) {
        if active_session(snapshot).is_none() {
            let shown = self.view.session().map(|session| &session.id);
            self.lock(signed_out_by(snapshot, shown));
        }
    }

    fn lose(&mut self, loss: Loss, now: Now) {
        match loss {
            Loss::Closed => {
                let limit = now.monotonic + LONGEST_DOUBT;
                self.decide_by.get_or_insert(limit);
            }
            Loss::Silent => self.decide(SignedOutReason::AgentSilent),
            Loss::Refused => self.decide(SignedOutReason::Refused),
        }
    }

    /// Locks until a live snapshot decides.
    fn doubt(&mut self, now: Now) {
        if self.view.session().is_some() {
            self.show(View::Checking);
            self.decide_by = Some(now.monotonic + LONGEST_DOUBT);
        }
    }

    fn decide(&mut self, reason: SignedOutReason) {
        self.decide_by = None;
        self.lock(reason);
    }

    fn lock(&mut self, reason: SignedOutReason) {
        self.show(View::SignedOut { reason });
    }

    fn show(&mut self, view: View) {
        if view != self.view {
            self.news.push(view.clone());
            self.view = view;
        }
    }
}

fn active_session(snapshot: &Snapshot) -> Option<&SessionView> {
    let session = snapshot.session.as_ref();
    session.filter(|_| snapshot.state == State::Active)
}

/// Why nobody is signed in by `snapshot`, to a program that shows the session `shown`.
fn signed_out_by(snapshot: &Snapshot, shown: Option<&SessionId>) -> SignedOutReason {
    match &snapshot.last_end {
        Some(end) if shown.is_none_or(|id| *id == end.session_id) => {
            SignedOutReason::Ended(end.reason)
        }
        Some(_) | None => SignedOutReason::NotSignedIn,
    }
}
