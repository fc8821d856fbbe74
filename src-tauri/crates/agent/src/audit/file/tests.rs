use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::super::Action;
use super::*;

fn time(text: &str) -> Time {
    Time::parse(text).unwrap()
}

/// A line of an agent, and the file with a limit of so many of them.
fn line(at: &str) -> Line {
    Line::new(time(at), &Action::Grant, Some("docman"))
}

fn written(line: &Line) -> String {
    serde_json::to_string(line).unwrap() + "\n"
}

fn audit(folder: &TempDir, days: u16, lines: usize) -> AuditFile {
    let bytes = written(&line("2026-01-01T00:00:00Z")).len() * lines;
    let retention = Retention {
        days,
        bytes: bytes as u64,
    };
    AuditFile::new(folder.path().join("audit.jsonl"), retention)
}

/// Each second of a day has its line.
fn at(second: usize) -> String {
    let (minute, second) = (second / 60, second % 60);
    format!("2026-01-05T09:{minute:02}:{second:02}.000Z")
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

/// Which seconds have a line, each of which is whole.
fn kept(path: &Path) -> Vec<String> {
    let whole = |line: &str| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        line["time"].as_str().unwrap().to_owned()
    };
    text(path).lines().map(whole).collect()
}

#[test]
fn old_and_broken_lines_go_on_a_new_day() {
    let dir = tempfile::tempdir().unwrap();
    let mut audit = audit(&dir, 3, 100);
    let young = written(&line("2026-01-04T08:00:00Z"));
    let old = written(&line("2026-01-01T08:00:00Z"));
    fs::write(&audit.path, old + "{\"time\n" + &young).unwrap();

    audit.prune_on_a_new_day(time("2026-01-05T09:00:00Z"));
    assert_eq!(text(&audit.path), young);
    assert!(paths::is_private(&audit.path));

    audit.prune_on_a_new_day(time("2026-01-05T23:00:00Z"));
    assert_eq!(text(&audit.path), young);
    audit.prune_on_a_new_day(time("2026-01-09T00:00:00Z"));
    assert_eq!(text(&audit.path), "");
}

#[test]
fn while_it_is_written_it_never_takes_more_than_it_may_and_the_newest_lines_stay() {
    let dir = tempfile::tempdir().unwrap();
    let mut audit = audit(&dir, 3, 20);
    let mut written = Vec::new();
    for second in 0..100 {
        written.push(at(second));
        audit.append(&line(&at(second))).unwrap();
        assert!(fs::metadata(&audit.path).unwrap().len() <= audit.max_bytes);
        let kept = kept(&audit.path);
        assert!(written.ends_with(&kept), "{kept:?}");
        assert!(kept.len() >= written.len().min(17), "{kept:?}");
    }
    assert!(paths::is_private(&audit.path));
}

#[test]
fn a_smaller_limit_holds_from_the_start() {
    let dir = tempfile::tempdir().unwrap();
    let mut audit = audit(&dir, 3, 10);
    let lines: String = (0..50).map(|second| written(&line(&at(second)))).collect();
    fs::write(&audit.path, lines).unwrap();
    audit.prune_on_a_new_day(time("2026-01-05T10:00:00Z"));
    let newest: Vec<_> = (41..50).map(at).collect();
    assert_eq!(kept(&audit.path), newest);
}

/// Writing it anew for each line would be slow.
#[test]
fn a_full_file_is_not_written_anew_for_each_line() {
    let dir = tempfile::tempdir().unwrap();
    let mut audit = audit(&dir, 3, 100);
    let mut anew = 0;
    let mut before = 0;
    for second in 0..300 {
        audit.append(&line(&at(second))).unwrap();
        let length = fs::metadata(&audit.path).unwrap().len();
        anew += usize::from(length < before);
        before = length;
    }
    assert!((15..=25).contains(&anew), "{anew}");
}

/// Two sessions of one user, each with its own thread.
#[test]
fn what_another_agent_writes_is_counted_and_kept() {
    let dir = tempfile::tempdir().unwrap();
    let mut audits = [(); 2].map(|()| audit(&dir, 3, 20));
    let mut written = Vec::new();
    for second in 0..100 {
        written.push(at(second));
        audits[second % 2].append(&line(&at(second))).unwrap();
        let kept = kept(&audits[0].path);
        assert!(written.ends_with(&kept) && kept.len() <= 20, "{kept:?}");
        assert!(kept.len() >= written.len().min(17), "{kept:?}");
    }
}

#[test]
fn a_file_that_cannot_be_pruned_takes_lines_all_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let mut audit = audit(&dir, 3, 10);
    // In the place where it would be written anew.
    fs::create_dir(dir.path().join("audit.jsonl.new")).unwrap();
    for second in 0..30 {
        audit.append(&line(&at(second))).unwrap();
    }
    assert_eq!(kept(&audit.path).len(), 30);
    fs::remove_dir(dir.path().join("audit.jsonl.new")).unwrap();
    for second in 30..33 {
        audit.append(&line(&at(second))).unwrap();
    }
    assert!(kept(&audit.path).len() <= 10);
}
