//! An agent that cannot be heard: whether it hangs, or is only slow to come or to go.

use std::time::Duration;

use super::Input;

/// An agent that leaves so many questions in a row unanswered hangs. Each has the client's limit.
pub(super) const MOST_UNANSWERED: u32 = 2;
/// A process on whose socket nobody listens is asked again so much later.
const ASK_AGAIN: Duration = Duration::from_secs(5);
/// One that has not come up, or not gone, by then does neither any more.
const PATIENCE: Duration = Duration::from_secs(120);

/// Who started the agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// This tray.
    Ours,
    /// Somebody by hand, or a tray that died.
    Others,
}

/// What is known of an agent that cannot be heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Doubt {
    pub(super) whose: Whose,
    /// When it came up.
    pub(super) since: Duration,
    began: Duration,
    unanswered: u32,
    /// When it is asked next; none while an answer is awaited.
    pub(super) ask_at: Option<Duration>,
}

/// What an answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is asked now.
    Ask(Doubt),
    /// Nothing is to be done yet.
    Wait(Doubt),
    /// It will not answer.
    Hangs,
    /// It has gone.
    Gone,
}

impl Doubt {
    /// Begins at `now`, with the question under way. That it was silent on a stream it kept open
    /// counts as the first one unanswered.
    pub(super) fn begin(whose: Whose, since: Duration, input: Input, now: Duration) -> Self {
        Self {
            whose,
            since,
            began: now,
            unanswered: u32::from(input == Input::Silent),
            ask_at: None,
        }
    }

    pub(super) fn unanswered(self) -> Verdict {
        let unanswered = self.unanswered + 1;
        if unanswered >= MOST_UNANSWERED {
            return Verdict::Hangs;
        }
        Verdict::Ask(Self { unanswered, ..self })
    }

    /// Nobody listens, though the process may be there: it starts or ends, as long as that takes.
    pub(super) fn not_found(self, now: Duration) -> Verdict {
        match self.whose {
            Whose::Others => Verdict::Gone,
            Whose::Ours if now.saturating_sub(self.began) >= PATIENCE => Verdict::Hangs,
            Whose::Ours => Verdict::Wait(Self {
                ask_at: Some(now + ASK_AGAIN),
                ..self
            }),
        }
    }

    pub(super) fn due(self, now: Duration) -> Verdict {
        match self.ask_at {
            Some(ask_at) if now >= ask_at => Verdict::Ask(Self {
                ask_at: None,
                ..self
            }),
            Some(_) | None => Verdict::Wait(self),
        }
    }
}
