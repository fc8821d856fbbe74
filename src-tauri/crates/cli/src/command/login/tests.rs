//! How a sign-in is followed.

use serde_json::{Value, json};

use super::*;

const AT: &str = "2026-01-05T09:00:00.000Z";

fn event(name: &str, more: &Value) -> StreamEvent {
    let event = json!({"event": name, "boot": "A", "revision": 1, "at": AT});
    serde_json::from_value(extended(event, more)).unwrap()
}

fn snapshot(state: &str, more: &Value) -> StreamEvent {
    let snapshot = json!({"boot": "A", "revision": 1, "environment": "live", "since": AT,
        "issuer": "https://cis2.example", "readers": [], "state": state});
    event("snapshot", &json!({"snapshot": extended(snapshot, more)}))
}

fn extended(mut value: Value, more: &Value) -> Value {
    let more = more.as_object().unwrap().clone();
    value.as_object_mut().unwrap().extend(more);
    value
}

fn nothing_more() -> Value {
    json!({})
}

fn waiting(for_what: &str) -> Value {
    json!({"login": {"attempt": "A.a1", "started_at": AT, "waiting": for_what}})
}

fn failure(code: FailureCode) -> Value {
    serde_json::to_value(Failure::with_detail(code, "more")).unwrap()
}

fn attempt() -> Attempt {
    Attempt::new(AttemptId::new("A.a1"))
}

fn begun() -> Attempt {
    let mut attempt = attempt();
    let started = event("login.started", &json!({"attempt": "A.a1"}));
    assert_eq!(attempt.follow(&started), Step::Nothing);
    attempt
}

#[test]
fn what_was_before_the_attempt_says_nothing_about_it() {
    let mut attempt = attempt();
    for earlier in [
        snapshot("active", &nothing_more()),
        event(
            "login.failed",
            &json!({"attempt": "A.a0", "code": "card_missing"}),
        ),
        snapshot("no_card", &nothing_more()),
    ] {
        assert_eq!(attempt.follow(&earlier), Step::Nothing);
    }
}

#[test]
fn each_thing_it_waits_for_is_told_once() {
    let mut attempt = attempt();
    let steps = ["port", "browser", "browser", "provider"]
        .map(|what| attempt.follow(&snapshot("signing_in", &waiting(what))));
    assert_eq!(
        steps,
        [
            Step::WaitingFor(WaitingFor::Port),
            Step::WaitingFor(WaitingFor::Browser),
            Step::Nothing,
            Step::WaitingFor(WaitingFor::Provider),
        ]
    );
}

#[test]
fn a_browser_that_did_not_open_is_told_once_and_the_attempt_goes_on() {
    let mut attempt = begun();
    let more = json!({"failure": failure(FailureCode::BrowserFailed)});
    let failed = snapshot("signing_in", &extended(waiting("browser"), &more));
    assert_eq!(attempt.follow(&failed), Step::BrowserFailed);
    let waiting = Step::WaitingFor(WaitingFor::Browser);
    assert_eq!(attempt.follow(&failed), waiting);
    assert_eq!(attempt.follow(&failed), Step::Nothing);
    let signed_in = snapshot("active", &nothing_more());
    assert_eq!(attempt.follow(&signed_in), Step::SignedIn);
}

#[test]
fn a_failed_attempt_is_told_with_the_agents_remedy() {
    let mut attempt = begun();
    let failed = json!({"attempt": "A.a1", "code": "smartcard_required"});
    assert_eq!(
        attempt.follow(&event("login.failed", &failed)),
        Step::Nothing
    );
    let after = json!({"failure": failure(FailureCode::SmartcardRequired)});
    let told = Failure::with_detail(FailureCode::SmartcardRequired, "more");
    let step = attempt.follow(&snapshot("card_present", &after));
    assert_eq!(step, Step::Failed(told));
}

#[test]
fn a_failed_role_change_is_a_failure_although_the_session_goes_on() {
    let mut attempt = begun();
    let failed = json!({"attempt": "A.a1", "code": "login_cancelled"});
    attempt.follow(&event("login.failed", &failed));
    let other = json!({"failure": failure(FailureCode::CardUnreadable)});
    let told = Failure::new(FailureCode::LoginCancelled);
    let step = attempt.follow(&snapshot("active", &other));
    assert_eq!(step, Step::Failed(told));
}

#[test]
fn after_a_gap_the_snapshot_decides() {
    let unknown = Failure::new(FailureCode::Unknown);
    for (state, expected) in [
        ("active", Step::SignedIn),
        ("no_card", Step::Failed(unknown)),
    ] {
        let mut attempt = attempt();
        attempt.follow(&event("gap", &nothing_more()));
        let step = attempt.follow(&snapshot(state, &nothing_more()));
        assert_eq!(step, expected);
    }
}

#[test]
fn an_agent_that_goes_or_comes_anew_ends_it() {
    let mut attempt = begun();
    let reason = SignedOutReason::AgentLost;
    assert_eq!(attempt.see(&View::SignedOut { reason }), Step::AgentLost);
    assert_eq!(attempt.see(&View::Checking), Step::Nothing);
    let anew = event("gap", &json!({"boot": "B"}));
    assert_eq!(attempt.follow(&anew), Step::AgentLost);
}
