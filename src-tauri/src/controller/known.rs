//! What the agent says, and when it is asked.

use cardea_client::StreamEvent;
use cardea_client::session::State;
use cardea_desktop_model::{Agent, Running};

use super::*;

impl<S: Screen> Controller<S> {
    /// What is known now.
    pub(super) fn known_now(&self) -> Known {
        Known {
            agent: self.agent_now(),
            pairings: self.known.pairings,
            settings: self.known.settings.clone(),
        }
    }

    fn agent_now(&self) -> Agent {
        match self.supervision.running() {
            Running::Starting => Agent::Starting,
            Running::Restarting => Agent::Restarting,
            Running::Down => Agent::Down,
            Running::Up => self.heard(),
        }
    }

    fn heard(&self) -> Agent {
        let Some(snapshot) = self.watch.snapshot() else {
            return self.unheard.clone();
        };
        let is_certain = self.watch.view().session().is_some();
        if snapshot.state == State::Active && !is_certain {
            // An end was said, and the snapshot that says the rest comes with the next message.
            return self.known.agent.clone();
        }
        Agent::Running(Box::new(snapshot.clone()))
    }

    pub(super) fn hear(&mut self, update: &Update) {
        use cardea_client::{SignedOutReason, View};
        match update {
            Update::View(View::SignedOut {
                reason: SignedOutReason::AgentLost,
            }) => self.tell(Input::Lost),
            Update::View(View::SignedOut {
                reason: SignedOutReason::AgentSilent,
            }) => self.tell(Input::Silent),
            Update::View(View::SignedOut {
                reason: SignedOutReason::Refused,
            }) => {
                tracing::error!(
                    "the agent that runs refuses the tray; end it, or start its own tray"
                );
                self.unheard = Agent::Down;
            }
            Update::View(_) => {}
            Update::Event(event) => self.hear_event(event),
        }
    }

    fn hear_event(&mut self, event: &StreamEvent) {
        if event.name == EventName::Snapshot {
            self.unheard = Agent::Restarting;
        }
        // A stream begins with a snapshot, and does not tell what was told while there was none.
        if [EventName::Snapshot, EventName::SettingsChanged].contains(&event.name) {
            self.inquiry.due = Some(Instant::now());
        } else if event.name == EventName::PairingsChanged {
            self.count_pairings(event.count);
        }
    }

    fn count_pairings(&mut self, count: Option<u32>) {
        let count = count.and_then(|count| usize::try_from(count).ok());
        self.inquiry.was_told = true;
        let mut after = self.known_now();
        after.pairings = count.unwrap_or(0);
        self.know(after);
    }

    pub(super) fn learn(&mut self, found: Found) {
        self.inquiry.is_under_way = false;
        if found.pairings.is_none() || found.settings.is_none() {
            let again = Instant::now() + ASK_AGAIN;
            self.inquiry.due = self.inquiry.due.or(Some(again));
        }
        let mut after = self.known_now();
        // What was told meanwhile is newer than the answer.
        let answered = found.pairings.filter(|_| !self.inquiry.was_told);
        after.pairings = answered.unwrap_or(after.pairings);
        after.settings = found.settings.unwrap_or(after.settings);
        self.know(after);
    }

    fn know(&mut self, after: Known) {
        for notification in notifications(&self.known, &after) {
            self.screen.tell(notification);
        }
        self.known = after;
        self.on_screen = None;
    }

    /// When the agent is to be asked; none when it cannot be or need not be.
    pub(super) fn inquiry_due(&self) -> Option<Instant> {
        let can_be_asked = !self.inquiry.is_under_way && self.watch.snapshot().is_some();
        self.inquiry.due.filter(|_| can_be_asked)
    }

    pub(super) fn inquire_when_due(&mut self) {
        if self.inquiry_due().is_none_or(|due| due > Instant::now()) {
            return;
        }
        self.inquiry = Inquiry {
            due: None,
            is_under_way: true,
            was_told: false,
        };
        let client = self.client.clone();
        self.errands
            .spawn(async move { Done::Inquired(inquiry::ask(&client).await) });
    }
}
