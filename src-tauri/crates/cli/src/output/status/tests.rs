//! What a person reads.

use serde_json::{Value, json};

use super::*;

fn written(snapshot: Value) -> String {
    let snapshot: Snapshot = serde_json::from_value(snapshot).unwrap();
    let mut out = Vec::new();
    write(&snapshot, &LocalTime::for_tests(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn active() -> Value {
    json!({
        "boot": "B", "revision": 17, "environment": "live", "issuer": "https://cis2.example:443/",
        "state": "active", "since": "2026-01-05T08:00:00Z",
        "readers": [
            {"name": "OMNIKEY 3121", "state": "present",
             "card": {"recognised": true, "name": "NHS Smartcard"}},
            {"name": "Windows Hello 1", "state": "ignored"},
        ],
        "session": {
            "id": "B.s1", "started_at": "2026-01-05T08:00:00Z",
            "expires_at": "2026-01-05T20:00:00Z", "idle_expires_at": "2026-01-05T09:15:00Z",
            "id_token_expires_at": "2026-01-05T09:30:00Z", "card_bound": true,
            "readers": ["OMNIKEY 3121"], "auth_time": "2026-01-05T08:00:00Z",
            "authentication_assurance_level": 3, "id_assurance_level": 3,
            "user": {
                "id": "555000000001", "name": "Test Nurse", "selected_roleid": "1",
                "roles": [{
                    "person_roleid": "1", "person_orgid": "2", "role_code": "S:G:R",
                    "role_name": "\"A\":\"B\":\"Nurse\"", "display_name": "Nurse",
                    "org_code": "A12345", "org_name": "Example Surgery",
                }],
            },
        },
        "last_end": {"session_id": "B.s0", "reason": "user_logout", "at": "2026-01-05T07:00:00Z"},
    })
}

#[test]
fn a_session_shows_who_and_what_ends_it() {
    let expected = "\
Signed in since 09:00:00.
  User      Test Nurse (555000000001)
  Role      Nurse, Example Surgery (A12345)
  Ends      when the card is taken out; at 10:15:00 unless somebody is active; at 21:00:00 at \
  the latest
  Reader    OMNIKEY 3121: NHS Smartcard, used to sign in
  Reader    Windows Hello 1: not used (settings)
  CIS2      live
";
    assert_eq!(written(active()), expected);
}

#[test]
fn several_roles_without_a_chosen_one_are_shown_as_such() {
    let role_row = |change: &dyn Fn(&mut Value)| {
        let mut snapshot = active();
        change(&mut snapshot["session"]["user"]);
        let shown = written(snapshot);
        let row = shown.lines().find(|line| line.starts_with("  Role"));
        row.unwrap().to_owned()
    };
    let unchosen = |user: &mut Value| {
        user.as_object_mut().unwrap().remove("selected_roleid");
        let mut second = user["roles"][0].clone();
        second["person_roleid"] = json!("2");
        user["roles"].as_array_mut().unwrap().push(second);
    };
    assert_eq!(
        role_row(&unchosen),
        "  Role      none chosen (2 to choose from)"
    );
    let without_roles = |user: &mut Value| {
        user.as_object_mut().unwrap().remove("selected_roleid");
        user["roles"] = json!([]);
    };
    assert_eq!(
        role_row(&without_roles),
        "  Role      none: CIS2 lists no role of this user"
    );
    let unlisted = |user: &mut Value| user["selected_roleid"] = json!("9");
    assert_eq!(
        role_row(&unlisted),
        "  Role      chosen, but CIS2 does not list it"
    );
}

#[test]
fn a_session_that_no_card_ends_says_so() {
    let mut snapshot = active();
    snapshot["session"]["card_bound"] = json!(false);
    snapshot["session"]["expiring"] = json!(true);
    let text = written(snapshot);
    assert!(
        text.contains("Ends      soon: at 10:15:00 unless"),
        "{text}"
    );
    assert!(text.contains("Careful   taking the card out does NOT end this session\n"));
}

#[test]
fn a_failure_shows_what_to_do() {
    let snapshot = json!({
        "boot": "B", "revision": 1, "environment": "simulated", "issuer": "https://cis2.example",
        "state": "unavailable", "since": "2026-01-04T20:00:00Z", "readers": [],
        "last_end": {"session_id": "B.s0", "reason": "card_service_lost",
                     "at": "2026-01-05T07:00:00Z"},
        "failure": {"code": "card_service_stopped", "message": "It is stopped.",
                    "remedy": "Start it."},
    });
    let expected = "\
Nobody is signed in: the smartcard service cannot be reached (since Sun 4 Jan 21:00:00).
  Last end  08:00:00: the smartcard service stopped [card_service_lost]
  CIS2      simulated, not for live use
  Problem   It is stopped. [card_service_stopped]
  To do     Start it.
";
    assert_eq!(written(snapshot), expected);
}

#[test]
fn a_sign_in_under_way_shows_what_it_waits_for() {
    let text = written(json!({
        "boot": "B", "revision": 1, "environment": "live", "issuer": "https://cis2.example",
        "state": "signing_in", "since": "2026-01-05T08:59:00Z",
        "readers": [{"name": "R", "state": "mute"}],
        "login": {"attempt": "B.a1", "started_at": "2026-01-05T08:59:00Z", "waiting": "browser"},
    }));
    assert!(text.starts_with("Nobody is signed in: somebody is signing in (since 09:59:00).\n"));
    assert!(text.contains("Sign-in   since 09:59:00, waiting for you, in the browser\n"));
    assert!(text.contains("Reader    R: a card that cannot be read; is it upside down?\n"));
}

#[test]
fn a_state_that_is_not_known_signs_nobody_in() {
    let mut snapshot = active();
    snapshot["state"] = json!("levitating");
    let text = written(snapshot);
    assert!(text.starts_with("Nobody is signed in"), "{text}");
    assert!(!text.contains("Test Nurse"));
}
