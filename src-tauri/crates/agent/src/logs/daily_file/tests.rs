use std::collections::BTreeMap;
use std::fs;

use super::super::tidying::day_and_part;
use super::*;

const FOR_LONG: Retention = Retention {
    days: 2,
    bytes: 1_000_000,
};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Noon on a day of January.
fn noon(day: u8) -> Timestamp {
    at(&format!("2026-01-{day:02}T12:00:00Z"))
}

fn write(file: &mut DailyFile, now: Timestamp, line: impl AsRef<[u8]>) {
    file.write_at(now, line.as_ref()).unwrap();
}

fn files(folder: &Path) -> BTreeMap<String, String> {
    fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect()
}

/// The lines of all log files, the oldest first.
fn lines(folder: &Path) -> Vec<String> {
    let mut files: Vec<_> = files(folder).into_iter().collect();
    files.sort_by_key(|(name, _)| day_and_part(name));
    let lines = files.iter().flat_map(|(_, text)| text.lines());
    lines.map(str::to_owned).collect()
}

fn bytes(folder: &Path) -> u64 {
    files(folder).values().map(|text| text.len() as u64).sum()
}

#[test]
fn each_day_has_its_file_and_old_ones_go() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("agent-2025-12-01.1.jsonl"), "old").unwrap();
    fs::write(dir.path().join("agent-2025-12-31.jsonl.new"), "cut").unwrap();
    fs::write(dir.path().join("notes.txt"), "not ours").unwrap();
    let mut file = DailyFile::new(dir.path(), FOR_LONG, 1000);
    for day in ["01", "02", "03", "04"] {
        let now = at(&format!("2026-01-{day}T23:59:59Z"));
        write(&mut file, now, "line\n");
    }
    let names: Vec<_> = files(dir.path()).into_keys().collect();
    assert_eq!(
        names,
        [
            "agent-2026-01-02.jsonl",
            "agent-2026-01-03.jsonl",
            "agent-2026-01-04.jsonl",
            "notes.txt"
        ]
    );
}

#[test]
fn what_the_desktop_wrote_counts_and_goes_with_the_rest() {
    let dir = tempfile::tempdir().unwrap();
    let old: String = (0..50).map(|line| format!("o={line:02}\n")).collect();
    fs::write(dir.path().join("desktop-2025-12-01.jsonl"), "old\n").unwrap();
    fs::write(dir.path().join("desktop-2026-01-01.1.jsonl"), &old).unwrap();
    let retention = Retention { days: 2, bytes: 62 };
    let mut file = DailyFile::new(dir.path(), retention, 1000);
    write(&mut file, noon(2), "new\n");
    let files = files(dir.path());
    let names: Vec<_> = files.keys().collect();
    assert_eq!(
        names,
        ["agent-2026-01-02.jsonl", "desktop-2026-01-01.1.jsonl"]
    );
    let left = "o=44\no=45\no=46\no=47\no=48\no=49\n";
    assert_eq!(files["desktop-2026-01-01.1.jsonl"], left);
}

#[test]
fn a_day_with_too_much_keeps_the_latest_lines() {
    let dir = tempfile::tempdir().unwrap();
    let mut file = DailyFile::new(dir.path(), FOR_LONG, 20);
    for line in 1..=7 {
        write(&mut file, noon(1), format!("n={line}\n"));
    }
    let files = files(dir.path());
    assert_eq!(files["agent-2026-01-01.1.jsonl"], "n=5\nn=6\n");
    assert_eq!(files["agent-2026-01-01.jsonl"], "n=7\n");
}

#[test]
fn a_restart_goes_on_in_the_same_file() {
    let dir = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let mut file = DailyFile::new(dir.path(), FOR_LONG, 1000);
        write(&mut file, noon(1), "line\n");
    }
    assert_eq!(files(dir.path())["agent-2026-01-01.jsonl"], "line\nline\n");
}

/// Over days, and over one that is written full again and again.
#[test]
fn all_files_together_never_take_more_than_they_may_and_the_newest_lines_stay() {
    let dir = tempfile::tempdir().unwrap();
    let retention = Retention {
        days: 365,
        bytes: 100,
    };
    let mut file = DailyFile::new(dir.path(), retention, 1000);
    let mut written = Vec::new();
    for day in (1..=20).flat_map(|day| [day, day]).chain([21; 40]) {
        written.push(format!("n={:03}", written.len()));
        write(
            &mut file,
            noon(day),
            format!("{}\n", written[written.len() - 1]),
        );
        assert!(bytes(dir.path()) <= 100, "{:?}", files(dir.path()));
        let kept = lines(dir.path());
        assert!(written.ends_with(&kept), "{kept:?} of {written:?}");
        assert!(kept.len() >= written.len().min(9), "{kept:?}");
    }
}

/// So that one bad day does not take away what the days before it tell.
#[test]
fn a_day_that_is_written_full_takes_no_more_than_a_day_may() {
    let dir = tempfile::tempdir().unwrap();
    let retention = Retention {
        days: 365,
        bytes: 100,
    };
    let mut file = DailyFile::new(dir.path(), retention, 40);
    for day in [1; 3].into_iter().chain([2; 40]) {
        write(&mut file, noon(day), format!("day {day:02}\n"));
        assert!(bytes(dir.path()) <= 100, "{:?}", files(dir.path()));
    }
    let of_first = lines(dir.path()).into_iter().take(3);
    assert!(of_first.eq(["day 01"; 3]), "{:?}", files(dir.path()));
}

/// What one big day left goes into a smaller limit, cut between two lines.
#[test]
fn a_smaller_limit_holds_from_the_start_and_cuts_no_line() {
    let dir = tempfile::tempdir().unwrap();
    let old: String = (0..50).map(|line| format!("o={line:02}\n")).collect();
    fs::write(dir.path().join("agent-2026-01-01.jsonl"), &old).unwrap();
    fs::write(dir.path().join("agent-2025-12-31.jsonl"), &old).unwrap();
    let retention = Retention {
        days: 14,
        bytes: 62,
    };
    let mut file = DailyFile::new(dir.path(), retention, 1000);
    write(&mut file, noon(2), "new\n");
    let kept = ["o=44", "o=45", "o=46", "o=47", "o=48", "o=49", "new"];
    assert_eq!(lines(dir.path()), kept);
    let names: Vec<_> = files(dir.path()).into_keys().collect();
    assert_eq!(names, ["agent-2026-01-01.jsonl", "agent-2026-01-02.jsonl"]);
}

#[test]
fn a_restart_takes_away_nothing_that_there_is_room_for() {
    let dir = tempfile::tempdir().unwrap();
    let retention = Retention {
        days: 14,
        bytes: 40,
    };
    for day in [1, 1, 1, 1, 2, 2, 2, 2] {
        let mut file = DailyFile::new(dir.path(), retention, 1000);
        write(&mut file, noon(day), format!("d={day:02}\n"));
    }
    assert_eq!(lines(dir.path()).len(), 8);
}

#[test]
fn the_file_of_today_is_cut_down_to_its_newest_lines_too() {
    let dir = tempfile::tempdir().unwrap();
    let old: String = (0..50).map(|line| format!("o={line:02}\n")).collect();
    fs::write(dir.path().join("agent-2026-01-01.jsonl"), old).unwrap();
    let retention = Retention {
        days: 14,
        bytes: 40,
    };
    let mut file = DailyFile::new(dir.path(), retention, 1000);
    write(&mut file, noon(1), "new\n");
    assert_eq!(lines(dir.path()), ["o=46", "o=47", "o=48", "o=49", "new"]);
}

/// Two sessions of one user: neither writes to what the other has set aside, nor sets aside what is
/// not full.
#[test]
fn two_agents_share_the_files_and_lose_no_new_line() {
    let dir = tempfile::tempdir().unwrap();
    let mut agents = [(); 2].map(|()| DailyFile::new(dir.path(), FOR_LONG, 80));
    let mut written = Vec::new();
    for line in 0..100 {
        let agent = &mut agents[usize::from(line % 3 == 0)];
        written.push(format!("n={line:02}"));
        write(agent, noon(1), format!("n={line:02}\n"));
        let kept = lines(dir.path());
        assert!(written.ends_with(&kept), "{kept:?} of {written:?}");
        assert!(kept.len() >= written.len().min(8), "{kept:?}");
        assert!(bytes(dir.path()) <= 80, "{:?}", files(dir.path()));
    }
}
