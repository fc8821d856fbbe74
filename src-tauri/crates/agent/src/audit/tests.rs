use std::fs;

use super::*;

const FOR_LONG: Retention = Retention {
    days: 14,
    bytes: 1024 * 1024,
};

fn session() -> SessionId {
    SessionId::new("b00t.s1")
}

fn time(text: &str) -> Time {
    Time::parse(text).unwrap()
}

#[test]
fn each_action_is_one_line_of_ids_and_codes() {
    let actions = [
        Action::SessionStarted { session: session() },
        Action::SessionEnded {
            session: session(),
            reason: EndReason::CardRemoved,
        },
        Action::LoginRefused {
            reason: FailureCode::AssuranceTooLow,
        },
        Action::Pairing,
        Action::Grant,
        Action::Revocation,
        Action::TokenRelease { session: session() },
        Action::PolicyProblem {
            reason: FailureCode::ConfigInvalid,
        },
    ];
    let lines: Vec<_> = actions
        .iter()
        .map(|action| Line::new(time("2026-01-05T09:00:00Z"), action, Some("docman")))
        .map(|line| serde_json::to_string(&line).unwrap())
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
        {"time":"2026-01-05T09:00:00.000Z","app":"docman","action":"session_started","session":"b00t.s1"}
        {"time":"2026-01-05T09:00:00.000Z","app":"docman","action":"session_ended","session":"b00t.s1","reason":"card_removed"}
        {"time":"2026-01-05T09:00:00.000Z","app":"docman","action":"login_refused","reason":"assurance_too_low"}
        {"time":"2026-01-05T09:00:00.000Z","app":"docman","action":"pairing"}
        {"time":"2026-01-05T09:00:00.000Z","app":"docman","action":"grant"}
        {"time":"2026-01-05T09:00:00.000Z","app":"docman","action":"revocation"}
        {"time":"2026-01-05T09:00:00.000Z","app":"docman","action":"token_release","session":"b00t.s1"}
        {"time":"2026-01-05T09:00:00.000Z","app":"docman","action":"policy_problem","reason":"config_invalid"}
    "#);
}

#[test]
fn what_is_no_program_id_is_not_written() {
    let line = Line::new(now(), &Action::Pairing, Some("Dr Jane Smith"));
    assert_eq!(line.app.as_deref(), Some("invalid"));
}

#[test]
fn lines_are_in_a_file_for_this_user_only_when_the_audit_is_closed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state/audit.jsonl");
    let audit = Audit::open(path.clone(), FOR_LONG).unwrap();
    for _ in 0..3 {
        audit.record(&Action::SessionStarted { session: session() }, None);
    }
    drop(audit);

    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 3);
    assert!(paths::is_private(&path));
}

#[test]
fn what_was_written_before_stays() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("audit.jsonl");
    for _ in 0..2 {
        Audit::open(path.clone(), FOR_LONG)
            .unwrap()
            .record(&Action::Grant, Some("docman"));
    }
    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 2);
}

#[test]
fn lines_that_cannot_be_written_are_said_at_the_start() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("audit.jsonl");
    fs::create_dir(&path).unwrap();
    assert!(matches!(
        Audit::open(path, FOR_LONG),
        Err(AuditError::File { .. })
    ));
}

#[tokio::test]
async fn what_was_written_is_told_in_its_order() {
    let folder = tempfile::tempdir().unwrap();
    let audit = Audit::open(folder.path().join("audit.jsonl"), FOR_LONG).unwrap();
    audit.record(&Action::Grant, Some("emis"));
    audit.record(&Action::Revocation, Some("emis"));
    let (reply, told) = oneshot::channel();
    audit.tell(reply);
    let told = told.await.unwrap();
    let actions: Vec<_> = told.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["grant", "revocation"]);
}
