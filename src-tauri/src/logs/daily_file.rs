//! A file a day, of bounded size. The agent takes away what is older or more than `[log]` says,
//! together with its own.
//!
//! Each day has at most two files: `desktop-DATE.jsonl`, and `desktop-DATE.1.jsonl` with what came
//! before when the first one got too large. Tray and window write to the same ones; so a file is
//! open for one line only, and what it holds is asked of the disk.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::os;

/// The most that one of a day's two files takes.
const MOST: u64 = 1024 * 1024;

/// Takes lines; each `write` is one line. Days are UTC, as the times in the lines are.
#[derive(Debug)]
pub(super) struct DailyFile {
    folder: PathBuf,
}

impl DailyFile {
    pub(super) fn new(folder: &Path) -> Self {
        let folder = folder.to_owned();
        Self { folder }
    }

    fn write_at(&self, now: Timestamp, line: &[u8]) -> io::Result<()> {
        let day = TimeZone::UTC.to_datetime(now).date();
        let latest = self.folder.join(format!("desktop-{day}.jsonl"));
        let bytes = std::fs::metadata(&latest).map_or(0, |file| file.len());
        if bytes > 0 && bytes + line.len() as u64 > MOST {
            let before = self.folder.join(format!("desktop-{day}.1.jsonl"));
            std::fs::rename(&latest, before)?;
        }
        os::append_private(&latest)?.write_all(line)
    }
}

impl Write for DailyFile {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.write_at(Timestamp::now(), line)?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn each_day_has_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = DailyFile::new(folder.path());
        for (time, line) in [
            ("2026-01-05T23:59:59Z", "a\n"),
            ("2026-01-06T00:00:00Z", "b\n"),
            ("2026-01-06T12:00:00Z", "c\n"),
        ] {
            file.write_at(at(time), line.as_bytes()).unwrap();
        }
        assert_eq!(
            names(folder.path()),
            ["desktop-2026-01-05.jsonl", "desktop-2026-01-06.jsonl"]
        );
        let second = folder.path().join("desktop-2026-01-06.jsonl");
        assert_eq!(std::fs::read_to_string(second).unwrap(), "b\nc\n");
    }

    #[test]
    fn a_day_with_much_keeps_its_latest_lines_in_two_files_of_bounded_size() {
        let folder = tempfile::tempdir().unwrap();
        let file = DailyFile::new(folder.path());
        let now = at("2026-01-05T12:00:00Z");
        let long = format!("{}\n", "x".repeat(100_000));
        for _ in 0..50 {
            file.write_at(now, long.as_bytes()).unwrap();
        }
        file.write_at(now, b"last\n").unwrap();
        assert_eq!(
            names(folder.path()),
            ["desktop-2026-01-05.1.jsonl", "desktop-2026-01-05.jsonl"]
        );
        for name in names(folder.path()) {
            let text = std::fs::read_to_string(folder.path().join(&name)).unwrap();
            assert!(text.len() as u64 <= MOST, "{name}");
            assert_eq!(text.ends_with("last\n"), !name.contains(".1."), "{name}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn nobody_else_can_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let logs = folder.path().join("cardea/logs");
        os::create_private_folder(&logs).unwrap();
        let file = DailyFile::new(&logs);
        file.write_at(at("2026-01-05T12:00:00Z"), b"a\n").unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&logs), 0o700);
        assert_eq!(mode(&logs.join("desktop-2026-01-05.jsonl")), 0o600);
    }
}
