//! The file of the audit: lines are appended, and those that are too old or too much go.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::time::Duration;

use cardea_local_api::ActivityEntry;
use cardea_session::Time;
use serde::Deserialize;

use super::{Line, history};
use crate::paths;
use crate::retention::Retention;
use crate::rewrite::rewrite;

const DAY: i64 = 24 * 60 * 60;

/// What is taken away at once when the file is full: one part in so many.
const PART: u64 = 10;

/// What the audit's thread works with. The file is opened for each line: it may have been replaced,
/// by the pruning of another agent of this user or by a person.
pub(super) struct AuditFile {
    path: PathBuf,
    keep: Duration,
    max_bytes: u64,
    /// The day of the last pruning, in days since 1970.
    pruned: i64,
    /// How large the file may get before it is tried again to prune it.
    patience: u64,
}

impl AuditFile {
    pub(super) fn new(path: PathBuf, retention: Retention) -> Self {
        let days = u64::from(retention.days);
        Self {
            path,
            keep: Duration::from_secs(days * DAY.cast_unsigned()),
            max_bytes: retention.bytes,
            pruned: 0,
            patience: 0,
        }
    }

    /// Writes a line. In one write: lines of several agents do not mix.
    pub(super) fn append(&mut self, line: &Line) -> io::Result<()> {
        let mut bytes = serde_json::to_vec(line)?;
        bytes.push(b'\n');
        self.prune_on_a_new_day(line.time);
        self.make_room(bytes.len() as u64, line.time);
        paths::append_private(&self.path)?.write_all(&bytes)
    }

    /// The last lines.
    pub(super) fn tell(&self) -> io::Result<Vec<ActivityEntry>> {
        history::last(&self.path)
    }

    /// Drops what is too old, and what is too much, once a day.
    pub(super) fn prune_on_a_new_day(&mut self, now: Time) {
        let day = now.unix().div_euclid(DAY);
        if day == self.pruned {
            return;
        }
        // Lines that stay for a day too long do less harm than an agent that does not start.
        if let Err(error) = self.prune(now, self.max_bytes) {
            tracing::warn!(%error, "old lines of the audit stay until tomorrow");
        }
        self.pruned = day;
    }

    /// Drops the oldest lines when there is no room for so many bytes more.
    fn make_room(&mut self, more: u64, now: Time) {
        let length = std::fs::metadata(&self.path).map_or(0, |file| file.len());
        if length + more <= self.max_bytes.max(self.patience) {
            return;
        }
        self.patience = 0;
        if let Err(error) = self.prune(now, self.max_bytes.saturating_sub(more)) {
            tracing::warn!(%error, "the audit takes more than [log] max_size_mb");
            self.patience = length + self.max_bytes / PART;
        }
    }

    /// Drops the lines that are too old, those that are none, and when the rest takes more than
    /// `most` bytes the oldest of it.
    fn prune(&self, now: Time, most: u64) -> io::Result<()> {
        let oldest = now.minus(self.keep);
        let (mut young, mut has_old) = (0, false);
        for line in lines(&File::open(&self.path)?) {
            let line = line?;
            match is_young(&line, oldest) {
                true => young += line.len() as u64 + 1,
                false => has_old = true,
            }
        }
        let mut excess = match young > most {
            // Some more, so that not every line has the file written anew.
            true => young - (most - most / PART),
            false if has_old => 0,
            false => return Ok(()),
        };
        rewrite(&self.path, |old, new| {
            for line in lines(old) {
                let mut line = line?;
                if !is_young(&line, oldest) {
                    continue;
                }
                line.push(b'\n');
                if excess > 0 {
                    excess = excess.saturating_sub(line.len() as u64);
                } else {
                    new.write_all(&line)?;
                }
            }
            Ok(())
        })
    }
}

fn lines(file: &File) -> impl Iterator<Item = io::Result<Vec<u8>>> {
    BufReader::new(file).split(b'\n')
}

fn is_young(line: &[u8], oldest: Time) -> bool {
    #[derive(Deserialize)]
    struct Dated {
        time: Time,
    }
    serde_json::from_slice::<Dated>(line).is_ok_and(|line| line.time >= oldest)
}

#[cfg(test)]
mod tests;
