use tempfile::TempDir;

use super::super::part::Content;
use super::*;
use crate::settings::fuzzing::{Writer, load_text};

/// The full path of a program.
const PROGRAM: &str = if cfg!(windows) {
    r"C:\Program Files\x\x.exe"
} else {
    "/usr/bin/true"
};

/// The parts of a user's folders and a settings file.
fn gathered(folder: &TempDir, settings: &str) -> Vec<Part> {
    fs::write(folder.path().join("config.toml"), settings).unwrap();
    let places = Places::in_folder(folder.path());
    gather(&places, &UserPaths::in_folder(folder.path()), "1.2.3 (x)")
}

fn content<'a>(parts: &'a [Part], name: &str) -> &'a str {
    match &part(parts, name).content {
        Content::Text { text, .. } => text,
        Content::Missing(why) => panic!("{name} is missing: {why}"),
    }
}

fn part<'a>(parts: &'a [Part], name: &str) -> &'a Part {
    parts.iter().find(|part| part.name == name).unwrap()
}

fn is_missing(parts: &[Part], name: &str) -> bool {
    matches!(part(parts, name).content, Content::Missing(_))
}

#[test]
fn settings_are_told_with_where_they_come_from_and_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let parts = gathered(
        &folder,
        "[session]\nidle_timeout = \"10m\"\n[log]\nlevel = \"loud\"\n",
    );
    let rows = content(&parts, "settings.txt");
    let row = rows
        .lines()
        .find(|row| row.starts_with("session.idle_timeout"));
    let row = row.unwrap();
    assert!(
        row.contains("10m") && row.ends_with("config.toml, line 2"),
        "{row}"
    );
    let json: serde_json::Value = serde_json::from_str(content(&parts, "settings.json")).unwrap();
    let rows = json.as_array().unwrap();
    let row = rows.iter().find(|row| row["key"] == "session.idle_timeout");
    assert_eq!(row.unwrap()["place"], "file");
    let wrong = content(&parts, "settings-problems.txt");
    assert!(wrong.contains("[log] level: found \"loud\""), "{wrong}");
    let policy = content(&parts, "policy.txt");
    assert_eq!(policy, "No setting comes from a policy.\n");
}

#[test]
fn what_policy_holds_is_told_by_itself() {
    let text = "[session]\nidle_timeout = \"10m\"\n";
    let parts = settings(&load_text(Place::Policy, Writer::Administrator, text));
    let policy = content(&parts, "policy.txt");
    assert!(
        policy.starts_with("session.idle_timeout") && policy.contains("10m"),
        "{policy}"
    );
    assert_eq!(policy.lines().count(), 1);
}

#[test]
fn what_a_hook_is_given_is_not_told() {
    let text = format!("[hooks]\non_session_end = [{PROGRAM:?}, \"--key\", \"s3cr3t\"]\n");
    let parts = settings(&load_text(Place::Policy, Writer::Administrator, &text));
    for name in ["settings.txt", "settings.json", "policy.txt"] {
        let told = content(&parts, name);
        assert!(
            told.contains("on_session_end") && !told.contains("s3cr3t"),
            "{told}"
        );
    }
    let rows = content(&parts, "policy.txt");
    assert!(
        rows.contains(if cfg!(windows) {
            "x.exe"
        } else {
            "/usr/bin/true"
        }),
        "{rows}"
    );
}

#[test]
fn what_a_wrong_hook_is_given_is_not_told_either() {
    for wrong in ["\"/bin/x --pass=s3cr3t\"", "[7, \"--pass=s3cr3t\\u0000\"]"] {
        let text = format!("[hooks]\non_session_end = {wrong}\n");
        let parts = settings(&load_text(Place::Policy, Writer::Administrator, &text));
        let told = content(&parts, "settings-problems.txt");
        assert!(
            told.contains("on_session_end") && !told.contains("s3cr3t"),
            "{told}"
        );
    }
}

#[test]
fn versions_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let parts = gathered(&folder, "");
    let versions = content(&parts, "versions.txt");
    assert!(
        versions.starts_with("cardea 1.2.3 (x)\nbuild release\n"),
        "{versions}"
    );
    assert!(versions.lines().count() > 2, "{versions}");
}

#[test]
fn what_is_not_there_is_missing_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let parts = gathered(&folder, "");
    assert!(is_missing(&parts, "audit.jsonl") && is_missing(&parts, "logs"));
    fs::create_dir_all(folder.path().join("state/logs")).unwrap();
    assert!(is_missing(&gathered(&folder, ""), "logs"));
}

#[test]
fn the_last_thousand_lines_of_the_audit_are_there() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("state")).unwrap();
    let lines: String = (0..1500).map(|line| format!("{line}\n")).collect();
    fs::write(folder.path().join("state/audit.jsonl"), lines).unwrap();
    let parts = gathered(&folder, "");
    let lines: Vec<_> = content(&parts, "audit.jsonl").lines().collect();
    assert_eq!((lines.len(), lines[0], lines[999]), (1000, "500", "1499"));
}

#[test]
fn logs_come_with_the_newest_first_until_there_is_enough() {
    let folder = tempfile::tempdir().unwrap();
    let logs = folder.path().join("state/logs");
    fs::create_dir_all(&logs).unwrap();
    let big = "0123456\n".repeat(usize::try_from(MOST_OF_FILE).unwrap() / 8 + 1);
    for day in 1..=6 {
        fs::write(logs.join(format!("agent-2026-01-0{day}.jsonl")), &big).unwrap();
    }
    fs::write(logs.join("agent-2026-01-06.1.jsonl"), "before\n").unwrap();
    fs::write(logs.join("notes.txt"), "not ours").unwrap();
    let parts = gathered(&folder, "");
    let names: Vec<_> = parts
        .iter()
        .filter_map(|part| part.name.strip_prefix("logs/agent-2026-01-0"))
        .collect();
    let newest_first = [
        "6.jsonl",
        "6.1.jsonl",
        "5.jsonl",
        "4.jsonl",
        "3.jsonl",
        "2.jsonl",
        "1.jsonl",
    ];
    assert_eq!(names, newest_first);
    let newest = content(&parts, "logs/agent-2026-01-06.jsonl");
    assert_eq!(newest.len() as u64, MOST_OF_FILE);
    let about = &part(&parts, "logs/agent-2026-01-06.jsonl").about;
    let said = format!("the last {MOST_OF_FILE} of {} bytes", MOST_OF_FILE + 8);
    assert!(about.contains(&said), "{about}");
    assert_eq!(content(&parts, "logs/agent-2026-01-06.1.jsonl"), "before\n");
    assert!(is_missing(&parts, "logs/agent-2026-01-01.jsonl"));
}

/// As many whole lines as go in, whatever the limit.
#[test]
fn the_end_of_a_file_is_whole_lines() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    fs::write(&path, "aa\nbb\ncc\n").unwrap();
    let ends = [
        "", "", "", "cc\n", "cc\n", "cc\n", "bb\ncc\n", "bb\ncc\n", "bb\ncc\n",
    ];
    for (most, end) in ends.into_iter().enumerate() {
        assert_eq!(
            end_of(&path, most as u64).unwrap(),
            (end.to_owned(), 9),
            "{most}"
        );
    }
    assert_eq!(end_of(&path, 9).unwrap().0, "aa\nbb\ncc\n");
    assert!(end_of(folder.path(), 9).is_err());
}
