//! Each way a session can end or come into doubt, on clocks that the test moves.

use cardea_session::Time;
use serde_json::{Value, json};

use super::*;
use crate::fake::{message, snapshot_message};

fn at(seconds: u64) -> Now {
    Now {
        wall: Time::from_unix(1_800_000_000)
            .unwrap()
            .plus(Duration::from_secs(seconds)),
        monotonic: Duration::from_secs(100 + seconds),
    }
}

/// Tells of time and messages; the clock goes on second by second as the driver's does.
struct Story {
    silence: Silence,
    second: u64,
}

impl Story {
    fn begin() -> Self {
        Self {
            silence: Silence::new(at(0)),
            second: 0,
        }
    }

    /// Somebody is signed in: boot `A`, revision 5, session `A.s1`.
    fn signed_in() -> Self {
        let mut story = Self::begin();
        assert_eq!(story.hear(snapshot_message("A", 5, Some("A.s1"))), ["A.s1"]);
        story
    }

    fn tell(&mut self, signal: &Signal<'_>) -> Vec<String> {
        let stream = self.silence.handle(signal, at(self.second));
        assert_eq!(stream, Stream::Good);
        names(&self.silence.news())
    }

    fn hear(&mut self, message: Value) -> Vec<String> {
        let event: StreamEvent = serde_json::from_value(message).unwrap();
        self.tell(&Signal::Event(&event))
    }

    fn lose(&mut self, loss: Loss) -> Vec<String> {
        self.tell(&Signal::Lost(loss))
    }

    fn pass(&mut self, seconds: u64) -> Vec<String> {
        (0..seconds)
            .flat_map(|_| {
                self.second += 1;
                self.tell(&Signal::Tick)
            })
            .collect()
    }
}

fn names(views: &[View]) -> Vec<String> {
    views.iter().map(name).collect()
}

fn name(view: &View) -> String {
    match view {
        View::Checking => "checking".to_owned(),
        View::SignedIn(snapshot) => snapshot.session.as_ref().unwrap().id.to_string(),
        View::SignedOut { reason } => format!("{reason:?}"),
    }
}

fn nothing() -> Vec<String> {
    Vec::new()
}

#[test]
fn nobody_is_signed_in_before_a_live_snapshot_says_so() {
    let mut story = Story::begin();
    assert_eq!(*story.silence.view(), View::Checking);
    assert_eq!(story.hear(message("session.started", "A", 4)), nothing());
    assert_eq!(story.hear(message("heartbeat", "A", 4)), nothing());
    let mut replayed = snapshot_message("A", 4, Some("A.s1"));
    replayed["replayed"] = json!(true);
    assert_eq!(story.hear(replayed), nothing());
    assert_eq!(story.hear(snapshot_message("A", 5, Some("A.s1"))), ["A.s1"]);
}

#[test]
fn an_agent_that_never_answers_is_signed_out_after_three_seconds() {
    let mut story = Story::begin();
    assert_eq!(story.lose(Loss::Closed), nothing());
    assert_eq!(story.pass(2), nothing());
    assert_eq!(story.pass(1), ["AgentLost"]);
    assert_eq!(story.pass(10), nothing());
}

#[test]
fn session_ended_locks_at_once_and_the_snapshot_after_it_changes_nothing() {
    let mut story = Story::signed_in();
    let mut ended = message("session.ended", "A", 6);
    ended["session_id"] = json!("A.s1");
    ended["reason"] = json!("card_removed");
    assert_eq!(story.hear(ended), ["Ended(CardRemoved)"]);
    let mut after = snapshot_message("A", 6, None);
    after["snapshot"]["last_end"] =
        json!({"session_id": "A.s1", "reason": "card_removed", "at": "2026-01-05T09:00:00Z"});
    assert_eq!(story.hear(after), nothing());
}

#[test]
fn an_unknown_reason_is_an_end_all_the_same() {
    for reason in [json!("sunspots"), Value::Null] {
        let mut story = Story::signed_in();
        let mut ended = message("session.ended", "A", 6);
        ended["reason"] = reason;
        assert_eq!(story.hear(ended), ["Ended(Unknown)"]);
    }
}

#[test]
fn a_replayed_end_locks_too_and_only_the_live_snapshot_unlocks() {
    let mut story = Story::signed_in();
    assert_eq!(story.lose(Loss::Closed), nothing());
    let mut ended = message("session.ended", "A", 6);
    ended["replayed"] = json!(true);
    ended["reason"] = json!("card_swapped");
    assert_eq!(story.hear(ended), ["Ended(CardSwapped)"]);
    let mut started = message("session.started", "A", 7);
    started["replayed"] = json!(true);
    assert_eq!(story.hear(started), nothing());
    assert_eq!(story.hear(snapshot_message("A", 7, Some("A.s2"))), ["A.s2"]);
}

#[test]
fn a_snapshot_in_another_state_locks() {
    for state in ["card_present", "signing_in", "unavailable", "levitating"] {
        let mut story = Story::signed_in();
        let mut other = snapshot_message("A", 6, Some("A.s1"));
        other["snapshot"]["state"] = json!(state);
        assert_eq!(story.hear(other), ["NotSignedIn"], "{state}");
    }
}

#[test]
fn an_active_snapshot_without_a_session_signs_nobody_in() {
    let mut story = Story::begin();
    let mut hollow = snapshot_message("A", 5, None);
    hollow["snapshot"]["state"] = json!("active");
    assert_eq!(story.hear(hollow), ["NotSignedIn"]);
}

#[test]
fn a_gap_locks_until_the_snapshot_after_it() {
    let mut story = Story::signed_in();
    assert_eq!(story.hear(message("gap", "A", 9)), ["checking"]);
    assert_eq!(story.hear(snapshot_message("A", 9, Some("A.s1"))), ["A.s1"]);

    assert_eq!(story.hear(message("gap", "A", 12)), ["checking"]);
    assert_eq!(story.pass(3), ["AgentLost"]);
}

#[test]
fn another_session_locks_before_it_unlocks() {
    let mut story = Story::signed_in();
    let views = story.hear(snapshot_message("A", 6, Some("A.s2")));
    assert_eq!(views, ["OtherSession", "A.s2"]);
}

#[test]
fn another_boot_locks_whatever_it_says() {
    for name in ["heartbeat", "card.inserted", "gap", "session.started"] {
        let mut story = Story::signed_in();
        let views = story.hear(message(name, "B", 1));
        assert_eq!(views, ["AgentRestarted"], "{name}");
    }
    let mut story = Story::signed_in();
    let views = story.hear(snapshot_message("B", 1, Some("B.s1")));
    assert_eq!(views, ["AgentRestarted", "B.s1"]);
}

#[test]
fn an_older_snapshot_does_not_unlock_but_can_lock() {
    let mut story = Story::signed_in();
    story.hear(snapshot_message("A", 8, None));
    assert_eq!(
        story.hear(snapshot_message("A", 7, Some("A.s1"))),
        nothing()
    );

    let mut story = Story::signed_in();
    assert_eq!(story.hear(snapshot_message("A", 4, None)), ["NotSignedIn"]);
}

#[test]
fn a_lost_stream_may_come_back_within_three_seconds() {
    let mut story = Story::signed_in();
    assert_eq!(story.lose(Loss::Closed), nothing());
    assert_eq!(story.pass(2), nothing());
    let mut later = snapshot_message("A", 6, Some("A.s1"));
    later["snapshot"]["readers"] = json!([{"name": "R", "state": "present"}]);
    assert_eq!(story.hear(later), ["A.s1"]);
    assert_eq!(story.pass(20), nothing());
}

#[test]
fn failing_again_does_not_lengthen_the_three_seconds_nor_does_an_open_stream_without_snapshot() {
    let mut story = Story::signed_in();
    story.lose(Loss::Closed);
    assert_eq!(story.pass(1), nothing());
    story.lose(Loss::Closed);
    assert_eq!(story.pass(1), nothing());
    assert_eq!(story.hear(message("heartbeat", "A", 5)), nothing());
    assert_eq!(story.pass(1), ["AgentLost"]);
    assert_eq!(story.hear(snapshot_message("A", 6, Some("A.s1"))), ["A.s1"]);
}

#[test]
fn thirty_seconds_of_silence_are_not_followed_by_three_more() {
    let mut story = Story::signed_in();
    assert_eq!(story.lose(Loss::Silent), ["AgentSilent"]);
}

#[test]
fn a_refusal_is_final_until_a_snapshot_comes() {
    let mut story = Story::signed_in();
    assert_eq!(story.lose(Loss::Refused), ["Refused"]);
    assert_eq!(story.pass(10), nothing());
    assert_eq!(story.hear(snapshot_message("A", 6, Some("A.s1"))), ["A.s1"]);
}

#[test]
fn sleep_shows_on_the_wall_clock_and_locks_until_the_agent_has_been_asked() {
    let mut story = Story::signed_in();
    let woken = Now {
        wall: at(3_600).wall,
        ..at(1)
    };
    assert_eq!(story.silence.handle(&Signal::Tick, woken), Stream::Stale);
    assert_eq!(names(&story.silence.news()), ["checking"]);

    let soon = Now {
        wall: woken.wall.plus(Duration::from_secs(1)),
        ..at(2)
    };
    let event = serde_json::from_value(snapshot_message("A", 5, Some("A.s1"))).unwrap();
    let stream = story.silence.handle(&Signal::Event(&event), soon);
    assert_eq!(stream, Stream::Good);
    assert_eq!(names(&story.silence.news()), ["A.s1"]);
}

#[test]
fn what_was_in_the_stream_before_sleep_cannot_unlock_but_can_lock() {
    let mut story = Story::signed_in();
    let before = snapshot_message("A", 6, Some("A.s1"));
    let event = serde_json::from_value(before).unwrap();
    let stream = story.silence.handle(&Signal::Event(&event), at(60));
    assert_eq!(stream, Stream::Stale);
    assert_eq!(names(&story.silence.news()), ["checking"]);

    let mut story = Story::signed_in();
    let mut ended = message("session.ended", "A", 6);
    ended["reason"] = json!("suspended");
    let event = serde_json::from_value(ended).unwrap();
    let stream = story.silence.handle(&Signal::Event(&event), at(60));
    assert_eq!(stream, Stream::Stale);
    assert_eq!(
        names(&story.silence.news()),
        ["checking", "Ended(Suspended)"]
    );
}

#[test]
fn a_process_that_stood_still_asks_anew_and_for_three_seconds_only() {
    let mut story = Story::signed_in();
    assert_eq!(story.silence.handle(&Signal::Tick, at(6)), Stream::Stale);
    assert_eq!(names(&story.silence.news()), ["checking"]);
    story.second = 6;
    assert_eq!(story.lose(Loss::Closed), nothing());
    assert_eq!(story.pass(2), nothing());
    assert_eq!(story.pass(1), ["AgentLost"]);
}

#[test]
fn a_wall_clock_set_back_is_no_sleep() {
    let mut story = Story::signed_in();
    let set_back = Now {
        wall: Time::from_unix(0).unwrap(),
        ..at(1)
    };
    assert_eq!(story.silence.handle(&Signal::Tick, set_back), Stream::Good);
    assert_eq!(names(&story.silence.news()), nothing());
}
