//! A file a day, of bounded size, deleted after some days.
//!
//! Each day has at most two files: `agent-DATE.jsonl`, and `agent-DATE.1.jsonl` with what came
//! before when the first one got too large. So the latest lines are always there.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::paths;

const PREFIX: &str = "agent-";
const SUFFIX: &str = ".jsonl";

/// Takes lines; each `write` is one line. Days are UTC, as the times in the lines are.
#[derive(Debug)]
pub(super) struct DailyFile {
    folder: PathBuf,
    keep_days: u16,
    max_bytes: u64,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    day: Date,
    file: File,
    bytes: u64,
}

impl DailyFile {
    /// `max_bytes` is for both files of a day.
    pub(super) fn new(folder: &Path, keep_days: u16, max_bytes: u64) -> Self {
        Self {
            folder: folder.to_owned(),
            keep_days,
            max_bytes,
            open: None,
        }
    }

    fn write_at(&mut self, now: Timestamp, line: &[u8]) -> io::Result<usize> {
        let day = TimeZone::UTC.to_datetime(now).date();
        let mut open = match self.open.take() {
            Some(open) if open.day == day => open,
            Some(_) | None => {
                self.delete_old(day);
                self.open_for(day)?
            }
        };
        if open.bytes > 0 && open.bytes + line.len() as u64 > self.max_bytes / 2 {
            std::fs::rename(self.path(day, SUFFIX), self.path(day, ".1.jsonl"))?;
            open = self.open_for(day)?;
        }
        open.file.write_all(line)?;
        open.bytes += line.len() as u64;
        self.open = Some(open);
        Ok(line.len())
    }

    fn open_for(&self, day: Date) -> io::Result<Open> {
        let file = paths::append_private(&self.path(day, SUFFIX))?;
        let bytes = file.metadata()?.len();
        Ok(Open { day, file, bytes })
    }

    fn path(&self, day: Date, suffix: &str) -> PathBuf {
        self.folder.join(format!("{PREFIX}{day}{suffix}"))
    }

    /// Deletes what is older than `keep_days`. What cannot be deleted is tried again tomorrow.
    fn delete_old(&self, today: Date) {
        let oldest = today.saturating_sub(i64::from(self.keep_days).days());
        let Ok(files) = std::fs::read_dir(&self.folder) else {
            return;
        };
        for file in files.flatten() {
            let name = file.file_name();
            if name
                .to_str()
                .and_then(day_of)
                .is_some_and(|day| day < oldest)
            {
                let _ = std::fs::remove_file(file.path());
            }
        }
    }
}

/// The day of a log file by its name; none for other files.
fn day_of(name: &str) -> Option<Date> {
    let day = name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?;
    day.strip_suffix(".1").unwrap_or(day).parse().ok()
}

impl Write for DailyFile {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.write_at(Timestamp::now(), line)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
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

    #[test]
    fn each_day_has_its_file_and_old_ones_go() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("agent-2025-12-01.1.jsonl"), "old").unwrap();
        fs::write(dir.path().join("notes.txt"), "not ours").unwrap();
        let mut file = DailyFile::new(dir.path(), 2, 1000);
        for day in ["01", "02", "03", "04"] {
            let now = at(&format!("2026-01-{day}T23:59:59Z"));
            file.write_at(now, b"line\n").unwrap();
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
    fn a_day_with_too_much_keeps_the_latest_lines() {
        let dir = tempfile::tempdir().unwrap();
        let now = at("2026-01-01T12:00:00Z");
        let mut file = DailyFile::new(dir.path(), 2, 20);
        for line in 1..=7 {
            file.write_at(now, format!("n={line}\n").as_bytes())
                .unwrap();
        }
        let files = files(dir.path());
        assert_eq!(files["agent-2026-01-01.1.jsonl"], "n=5\nn=6\n");
        assert_eq!(files["agent-2026-01-01.jsonl"], "n=7\n");
    }

    #[test]
    fn a_restart_goes_on_in_the_same_file() {
        let dir = tempfile::tempdir().unwrap();
        let now = at("2026-01-01T12:00:00Z");
        for _ in 0..2 {
            let mut file = DailyFile::new(dir.path(), 2, 1000);
            file.write_at(now, b"line\n").unwrap();
        }
        assert_eq!(files(dir.path())["agent-2026-01-01.jsonl"], "line\nline\n");
    }
}
