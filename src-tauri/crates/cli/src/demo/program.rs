//! What a connected program sees, in words.

use cardea_client::{Update, View};

use crate::output::{LocalTime, changes};

/// The screen of a connected program: what it is told, and whether it shows patient data.
#[derive(Default)]
pub(super) struct Screen {
    told: changes::Text,
}

impl Screen {
    /// The line for something new.
    pub(super) fn line(&mut self, update: &Update, local: &LocalTime) -> Option<String> {
        match update {
            Update::View(view) => Some(line(local, "the program is now", &shown(view))),
            Update::Event(event) => self.told.event(event, local),
        }
    }
}

/// A line at this time, in the columns of [`changes`].
pub(super) fn line(local: &LocalTime, name: &str, what: &str) -> String {
    let time = local.show_exactly(local.time());
    format!("{time}  {name:<24} {what}")
}

fn shown(view: &View) -> String {
    match view {
        View::Checking => "LOCKED, and asks the agent".to_owned(),
        View::SignedOut { reason } => format!("LOCKED ({})", reason.as_str()),
        View::SignedIn(snapshot) => {
            let user = snapshot.session.as_ref().and_then(|s| s.user.as_ref());
            let name = user.and_then(|user| user.name.as_deref());
            let role = user.and_then(|user| user.selected_role());
            let place = role.map(|role| {
                let place = role.org_name.as_deref().unwrap_or(&role.org_code);
                format!("{} at {place}", role.display_name)
            });
            let name = name.unwrap_or("somebody");
            let place = place.as_deref().unwrap_or("no role");
            format!("UNLOCKED for {name}, {place}")
        }
    }
}

#[cfg(test)]
mod tests {
    use cardea_client::SignedOutReason;
    use cardea_client::session::EndReason;

    use super::*;

    #[test]
    fn a_locked_program_says_why() {
        let reason = SignedOutReason::Ended(EndReason::CardRemoved);
        let update = Update::View(View::SignedOut { reason });
        let line = Screen::default().line(&update, &LocalTime::for_tests());
        let expected = "10:00:00.000  the program is now       LOCKED (card_removed)";
        assert_eq!(line.as_deref(), Some(expected));
    }
}
