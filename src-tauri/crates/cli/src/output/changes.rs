//! `cardea watch`: one line for each change.

use cardea_client::{StreamEvent, View};
use cardea_session::{EventName, FailureCode, Snapshot, State, Time};
use serde_json::json;

use super::phrases::{ended_because, locked_because, nobody_because, waiting_for};
use crate::output::LocalTime;

/// Remembers what has been told, so that a change is told once.
#[derive(Debug, Default)]
pub(crate) struct Text {
    told: Option<u64>,
}

impl Text {
    /// The line for an event; none for a snapshot whose change the events before it have told.
    pub(crate) fn event(&mut self, event: &StreamEvent, local: &LocalTime) -> Option<String> {
        let what = match &event.snapshot {
            Some(_) if self.told == Some(event.revision) => return None,
            Some(snapshot) => describe_snapshot(snapshot),
            None => describe(event, local),
        };
        self.told = (event.name != EventName::Gap).then_some(event.revision);
        let name = event.name;
        let late = if event.replayed { " (told late)" } else { "" };
        Some(line(
            local,
            event.at,
            name.as_str(),
            &format!("{what}{late}"),
        ))
    }

    /// The line for a change of what programs may show, when no event tells it.
    pub(crate) fn view(&self, view: &View, local: &LocalTime) -> Option<String> {
        let what = match view {
            View::Checking => "programs have locked until the agent has been asked",
            View::SignedIn(_) => return None,
            View::SignedOut { reason } => locked_because(*reason)?,
        };
        Some(line(local, local.time(), "view", what))
    }
}

fn line(local: &LocalTime, at: Time, name: &str, what: &str) -> String {
    format!("{}  {name:<24} {what}", local.show_exactly(at))
        .trim_end()
        .to_owned()
}

fn describe(event: &StreamEvent, local: &LocalTime) -> String {
    let reason = event.reason.map(ended_because).unwrap_or_default();
    let until = event
        .expires_at
        .map(|at| local.show(at))
        .unwrap_or_default();
    let reader = event.reader.as_deref().unwrap_or_default();
    match event.name {
        EventName::SessionStarted => "signed in".to_owned(),
        EventName::SessionChanged => "signed in again, or with another role".to_owned(),
        EventName::SessionExpiring => format!("ends at {until}"),
        EventName::SessionExpiryWithdrawn => "somebody is active, it goes on".to_owned(),
        EventName::SessionEnded => format!("signed out: {reason}"),
        EventName::LoginStarted => "signing in".to_owned(),
        EventName::LoginFailed => {
            let code = event.code.unwrap_or(FailureCode::Unknown);
            format!("not signed in: {} [{code}]", code.message())
        }
        EventName::TokensExpiring => format!("the ID token expires at {until}"),
        EventName::CardInserted | EventName::CardRemoved => reader.to_owned(),
        EventName::Gap => "events were missed".to_owned(),
        EventName::Heartbeat | EventName::Snapshot | EventName::Unknown => String::new(),
    }
}

fn describe_snapshot(snapshot: &Snapshot) -> String {
    let state = match snapshot.state {
        State::Active => "somebody is signed in".to_owned(),
        state @ (State::Unavailable
        | State::NoReader
        | State::NoCard
        | State::CardPresent
        | State::SigningIn
        | State::Unknown) => format!("nobody is signed in: {}", nobody_because(state)),
    };
    match &snapshot.login {
        Some(login) => format!("{state}; waiting for {}", waiting_for(login.waiting)),
        None => state,
    }
}

/// An event as a line of JSON.
pub(crate) fn event_json(event: &StreamEvent) -> String {
    json!(event).to_string()
}

/// A change of what programs may show as a line of JSON.
pub(crate) fn view_json(view: &View, now: Time) -> String {
    let line = match view {
        View::Checking => json!({"view": "checking", "at": now}),
        View::SignedIn(snapshot) => {
            let id = snapshot.session.as_ref().map(|session| &session.id);
            json!({"view": "signed_in", "at": now, "session_id": id})
        }
        View::SignedOut { reason } => {
            json!({"view": "signed_out", "at": now, "reason": reason.as_str()})
        }
    };
    line.to_string()
}

#[cfg(test)]
mod tests {
    use cardea_client::SignedOutReason;
    use cardea_session::EndReason;
    use serde_json::Value;

    use super::*;

    fn event(name: &str, revision: u64, more: Value) -> StreamEvent {
        let mut event = json!({"event": name, "boot": "B", "revision": revision,
            "at": "2026-01-05T09:00:00.125Z"});
        let more = more.as_object().unwrap().clone();
        event.as_object_mut().unwrap().extend(more);
        serde_json::from_value(event).unwrap()
    }

    fn snapshot(revision: u64) -> StreamEvent {
        let snapshot = json!({"boot": "B", "revision": revision, "environment": "live",
            "issuer": "i", "state": "no_card", "since": "2026-01-05T09:00:00Z", "readers": []});
        event("snapshot", revision, json!({"snapshot": snapshot}))
    }

    fn told(events: &[StreamEvent]) -> Vec<String> {
        let mut text = Text::default();
        let local = LocalTime::for_tests();
        events
            .iter()
            .filter_map(|event| text.event(event, &local))
            .collect()
    }

    #[test]
    fn each_change_is_told_once() {
        let lines = told(&[
            snapshot(5),
            event("session.ended", 6, json!({"reason": "card_removed"})),
            event("card.removed", 6, json!({"reader": "OMNIKEY"})),
            snapshot(6),
            snapshot(7),
            event("gap", 9, json!({})),
            snapshot(9),
        ]);
        assert_eq!(
            lines,
            [
                "10:00:00.125  snapshot                 nobody is signed in: no card is in a reader",
                "10:00:00.125  session.ended            signed out: the card was taken out",
                "10:00:00.125  card.removed             OMNIKEY",
                "10:00:00.125  snapshot                 nobody is signed in: no card is in a reader",
                "10:00:00.125  gap                      events were missed",
                "10:00:00.125  snapshot                 nobody is signed in: no card is in a reader",
            ]
        );
    }

    #[test]
    fn failures_and_late_news_are_told_as_such() {
        let failed = json!({"code": "login_cancelled", "replayed": true});
        assert_eq!(
            told(&[event("login.failed", 2, failed)]),
            [
                "10:00:00.125  login.failed             not signed in: Signing in was cancelled. \
                 [login_cancelled] (told late)"
            ]
        );
    }

    #[test]
    fn what_no_event_tells_is_told_by_the_view() {
        let local = LocalTime::for_tests();
        let signed_out = |reason| Text::default().view(&View::SignedOut { reason }, &local);
        assert_eq!(
            signed_out(SignedOutReason::AgentLost).unwrap(),
            "10:00:00.000  view                     the agent cannot be reached; programs have \
             locked"
        );
        let ended = SignedOutReason::Ended(EndReason::CardRemoved);
        assert_eq!(signed_out(ended), None);
    }

    #[test]
    fn json_lines_hold_what_came_and_what_may_be_shown() {
        let ended = event("session.ended", 6, json!({"reason": "card_removed"}));
        let line: Value = serde_json::from_str(&event_json(&ended)).unwrap();
        assert_eq!(line["event"], "session.ended");
        assert_eq!(line["reason"], "card_removed");
        let reason = SignedOutReason::Ended(EndReason::CardRemoved);
        let at = LocalTime::for_tests().time();
        let line: Value =
            serde_json::from_str(&view_json(&View::SignedOut { reason }, at)).unwrap();
        assert_eq!(
            line,
            json!({"view": "signed_out", "reason": "card_removed",
                "at": "2026-01-05T09:00:00.000Z"})
        );
    }
}
