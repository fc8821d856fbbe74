//! A file a day, of bounded size, deleted after some days or when all together get too large.
//!
//! Each day has at most two files: `agent-DATE.jsonl`, and `agent-DATE.1.jsonl` with what came
//! before when the first one got too large. So the latest lines are always there.
//!
//! Several agents of one user write to the same files. So what a file holds is asked of the disk,
//! and one that another agent has set aside is not written to any longer.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::tidying::{BEFORE, PREFIX, SUFFIX, tidy};
use crate::paths;
use crate::retention::Retention;

/// Takes lines; each `write` is one line. Days are UTC, as the times in the lines are.
#[derive(Debug)]
pub(super) struct DailyFile {
    folder: PathBuf,
    retention: Retention,
    /// For one of the two files of a day.
    max_bytes: u64,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    day: Date,
    file: File,
}

impl DailyFile {
    /// `max_a_day`, in bytes, is for both files of a day.
    pub(super) fn new(folder: &Path, retention: Retention, max_a_day: u64) -> Self {
        Self {
            folder: folder.to_owned(),
            retention,
            max_bytes: max_a_day.min(retention.bytes) / 2,
            open: None,
        }
    }

    fn write_at(&mut self, now: Timestamp, line: &[u8]) -> io::Result<usize> {
        let day = TimeZone::UTC.to_datetime(now).date();
        let mut open = match self.open.take() {
            Some(open) if open.day == day => self.still_there(open)?,
            Some(_) | None => {
                self.tidy(day);
                self.open_for(day)?
            }
        };
        let bytes = open.file.metadata()?.len();
        if bytes > 0 && bytes + line.len() as u64 > self.max_bytes {
            // Windows puts no other file in the place of one that somebody has open.
            drop(open);
            std::fs::rename(self.path(day, SUFFIX), self.path(day, BEFORE))?;
            self.tidy(day);
            open = self.open_for(day)?;
        }
        open.file.write_all(line)?;
        self.open = Some(open);
        Ok(line.len())
    }

    fn open_for(&self, day: Date) -> io::Result<Open> {
        let file = paths::append_private(&self.path(day, SUFFIX))?;
        Ok(Open { day, file })
    }

    /// The file, or the one that is in its place now.
    fn still_there(&self, open: Open) -> io::Result<Open> {
        let named = std::fs::metadata(self.path(open.day, SUFFIX));
        let is_there = named.is_ok_and(|named| {
            open.file
                .metadata()
                .is_ok_and(|open| open.len() == named.len())
        });
        match is_there {
            true => Ok(open),
            false => self.open_for(open.day),
        }
    }

    fn path(&self, day: Date, suffix: &str) -> PathBuf {
        self.folder.join(format!("{PREFIX}{day}{suffix}"))
    }

    /// Makes room for the file of this day. What stays is tried again, soon or tomorrow; a log
    /// cannot say so in itself.
    fn tidy(&self, day: Date) {
        let (written_to, room) = (self.path(day, SUFFIX), self.max_bytes);
        let _tried_again = tidy(&self.folder, day, self.retention, &written_to, room);
    }
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
mod tests;
