//! What the agent says, and when it is asked.

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
            Update::View(_) => {}
            Update::Event(event) if event.name == EventName::Snapshot => {
                self.unheard = Agent::Restarting;
                self.inquire_soon();
            }
            Update::Event(_) => {}
        }
    }

    /// The first snapshot of an agent: its settings count from now on.
    fn inquire_soon(&mut self) {
        let was_heard = self.known.snapshot().map(|snapshot| &snapshot.boot);
        if was_heard != self.watch.snapshot().map(|snapshot| &snapshot.boot) {
            self.inquiry.asked = 0;
            self.inquiry.due = Instant::now();
        }
    }

    pub(super) fn learn(&mut self, found: Found) {
        self.inquiry.is_under_way = false;
        self.inquiry.due = Instant::now() + INQUIRY;
        let mut after = self.known_now();
        after.pairings = found.pairings.unwrap_or(0);
        after.settings = found.settings.unwrap_or(after.settings);
        for notification in notifications(&self.known, &after) {
            self.screen.tell(notification);
        }
        self.known = after;
        self.on_screen = None;
    }

    pub(super) fn inquire_when_due(&mut self) {
        let is_due = self.inquiry.due <= Instant::now() && !self.inquiry.is_under_way;
        if !is_due || self.watch.snapshot().is_none() {
            return;
        }
        let wanted = match self.inquiry.asked % SETTINGS_EACH {
            0 => Wanted::PairingsAndSettings,
            _ => Wanted::Pairings,
        };
        self.inquiry.asked = self.inquiry.asked.wrapping_add(1);
        self.inquiry.is_under_way = true;
        let client = self.client.clone();
        self.errands
            .spawn(async move { Done::Inquired(inquiry::ask(&client, wanted).await) });
    }
}
