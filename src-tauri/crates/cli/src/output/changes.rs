//! `cardea watch`: one line for each change.

use std::io;

use cardea_client::session::{EventName, FailureCode, SessionId, Snapshot, State, Time};
use cardea_client::{StreamEvent, View};
use serde::Serialize;

use super::phrases::{ended_because, locked_because, nobody_because, waiting_for};
use crate::output::{LocalTime, one_line};

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
        if tells_of_the_session(event.name) {
            self.told = (event.name != EventName::Gap).then_some(event.revision);
        }
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
    pub(crate) fn view(&mut self, view: &View, local: &LocalTime) -> Option<String> {
        let what = match view {
            View::Checking => "programs have locked until the agent has been asked",
            View::SignedIn(_) => return None,
            View::SignedOut { reason } => locked_because(*reason)?,
        };
        // The next snapshot says how it goes on, whatever its revision.
        self.told = None;
        Some(line(local, local.time(), "view", what))
    }
}

fn line(local: &LocalTime, at: Time, name: &str, what: &str) -> String {
    let line = format!("{}  {name:<24} {what}", local.show_exactly(at));
    one_line(line.trim_end())
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
        EventName::PairingsChanged => match event.count.unwrap_or_default() {
            0 => "no program asks to be let in".to_owned(),
            1 => "a program asks to be let in".to_owned(),
            count => format!("{count} programs ask to be let in"),
        },
        EventName::SettingsChanged => "there are other settings".to_owned(),
        EventName::Gap => "events were missed".to_owned(),
        EventName::Heartbeat | EventName::Snapshot | EventName::Unknown => String::new(),
    }
}

/// Whether a revision is told by it.
fn tells_of_the_session(name: EventName) -> bool {
    !matches!(
        name,
        EventName::PairingsChanged | EventName::SettingsChanged
    )
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
pub(crate) fn event_json(event: &StreamEvent) -> io::Result<String> {
    Ok(serde_json::to_string(event)?)
}

/// A change of what programs may show as a line of JSON.
pub(crate) fn view_json(view: &View, now: Time) -> io::Result<String> {
    let (name, reason) = match view {
        View::Checking => ("checking", None),
        View::SignedIn(_) => ("signed_in", None),
        View::SignedOut { reason } => ("signed_out", Some(reason.as_str())),
    };
    let line = ViewLine {
        view: name,
        at: now,
        session_id: view.session().map(|session| &session.id),
        reason,
    };
    Ok(serde_json::to_string(&line)?)
}

#[derive(Serialize)]
struct ViewLine<'a> {
    view: &'static str,
    at: Time,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<&'a SessionId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

#[cfg(test)]
mod tests {
    use cardea_client::SignedOutReason;
    use cardea_client::session::EndReason;
    use serde_json::{Value, json};

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
    fn what_is_beside_the_session_is_told_and_tells_no_revision() {
        let asking = |count| event("pairings.changed", 5, json!({"count": count}));
        let lines = told(&[
            asking(2),
            asking(1),
            asking(0),
            event("settings.changed", 5, json!({})),
            snapshot(5),
        ]);
        assert_eq!(
            lines,
            [
                "10:00:00.125  pairings.changed         2 programs ask to be let in",
                "10:00:00.125  pairings.changed         a program asks to be let in",
                "10:00:00.125  pairings.changed         no program asks to be let in",
                "10:00:00.125  settings.changed         there are other settings",
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
    fn after_a_lock_the_next_snapshot_is_told_even_when_nothing_changed() {
        let local = LocalTime::for_tests();
        let mut text = Text::default();
        assert!(text.event(&snapshot(5), &local).is_some());
        assert!(text.event(&snapshot(5), &local).is_none());
        assert!(text.view(&View::Checking, &local).is_some());
        assert!(text.event(&snapshot(5), &local).is_some());
    }

    #[test]
    fn a_readers_name_cannot_steer_the_terminal() {
        let reader = json!({"reader": "Evil\u{1b}[2J\nreader"});
        assert_eq!(
            told(&[event("card.inserted", 2, reader)]),
            ["10:00:00.125  card.inserted            Evil\u{fffd}[2J\u{fffd}reader"]
        );
    }

    #[test]
    fn json_lines_hold_what_came_and_what_may_be_shown() {
        let ended = event("session.ended", 6, json!({"reason": "card_removed"}));
        assert_eq!(
            event_json(&ended).unwrap(),
            r#"{"event":"session.ended","boot":"B","revision":6,"at":"2026-01-05T09:00:00.125Z","reason":"card_removed"}"#
        );
        let reason = SignedOutReason::Ended(EndReason::CardRemoved);
        let at = LocalTime::for_tests().time();
        assert_eq!(
            view_json(&View::SignedOut { reason }, at).unwrap(),
            r#"{"view":"signed_out","at":"2026-01-05T09:00:00.000Z","reason":"card_removed"}"#
        );
    }
}
