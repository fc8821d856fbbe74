//! Takes away log files that are too old or too much, the oldest first.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::retention::Retention;
use crate::rewrite::{self, rewrite};

pub(super) const PREFIX: &str = "agent-";
/// The desktop writes its log beside the agent's, and leaves it to the agent what stays.
const PREFIX_OF_DESKTOP: &str = "desktop-";
/// The file of a day.
pub(super) const SUFFIX: &str = ".jsonl";
/// What that day's file held before.
pub(super) const BEFORE: &str = ".1.jsonl";

/// A log file that nothing more is written to.
struct Kept {
    day: Date,
    part: Part,
    path: PathBuf,
    bytes: u64,
}

/// In the order in which they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Before,
    Latest,
}

/// Deletes the files in `folder` that are older than `retention` says, and then the oldest lines of
/// all but those in `written_to`, until the others leave `room` bytes for it. What cannot be deleted
/// is tried again the next time.
pub(super) fn tidy(
    folder: &Path,
    today: Date,
    retention: Retention,
    written_to: &Path,
    room: u64,
) -> io::Result<()> {
    let oldest = today.saturating_sub(i64::from(retention.days).days());
    let mut kept = Vec::new();
    for file in std::fs::read_dir(folder)? {
        let file = file?;
        let (name, path) = (file.file_name(), file.path());
        let Some(name) = name.to_str() else { continue };
        if name
            .strip_suffix(rewrite::SUFFIX)
            .is_some_and(|name| day_and_part(name).is_some())
        {
            // Left by a crash.
            remove(&path);
            continue;
        }
        match day_and_part(name) {
            Some((day, _)) if day < oldest => remove(&path),
            Some((day, part)) if path != written_to => kept.push(Kept {
                day,
                part,
                bytes: file.metadata()?.len(),
                path,
            }),
            Some(_) | None => {}
        }
    }
    kept.sort_by_key(|file| std::cmp::Reverse((file.day, file.part)));
    let mut left = retention.bytes.saturating_sub(room);
    for file in kept {
        if file.bytes > left && keep_end(&file.path, left).is_err() {
            remove(&file.path);
        }
        left = left.saturating_sub(file.bytes);
    }
    Ok(())
}

/// Whether a file of this name is a log, or what a crash left of writing one anew.
pub(crate) fn is_log_file(name: &str) -> bool {
    let log = name.strip_suffix(rewrite::SUFFIX).unwrap_or(name);
    day_and_part(log).is_some()
}

/// The log files in a folder, the newest first.
///
/// # Errors
/// When the folder cannot be read.
pub(crate) fn log_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for file in std::fs::read_dir(folder)? {
        let file = file?;
        if let Some(age) = file.file_name().to_str().and_then(day_and_part) {
            files.push((age, file.path()));
        }
    }
    files.sort_by_key(|(age, _)| std::cmp::Reverse(*age));
    Ok(files.into_iter().map(|(_, path)| path).collect())
}

/// Which part of which day a log file has, by its name; none for other files.
pub(super) fn day_and_part(name: &str) -> Option<(Date, Part)> {
    let of_desktop = || name.strip_prefix(PREFIX_OF_DESKTOP);
    let name = name.strip_prefix(PREFIX).or_else(of_desktop)?;
    let (day, part) = match name.strip_suffix(BEFORE) {
        Some(day) => (day, Part::Before),
        None => (name.strip_suffix(SUFFIX)?, Part::Latest),
    };
    Some((day.parse().ok()?, part))
}

/// Keeps as many whole lines at the end of a file as go into `most` bytes; without any it goes.
fn keep_end(path: &Path, most: u64) -> io::Result<()> {
    if most == 0 {
        return std::fs::remove_file(path);
    }
    rewrite(path, |old, new| {
        skip_to_last_lines(old, most)?;
        if io::copy(old, new)? == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        new.flush()
    })
}

/// Goes to the first whole line among the last `most` bytes.
///
/// # Errors
/// When the file cannot be read.
pub(crate) fn skip_to_last_lines(file: &mut File, most: u64) -> io::Result<()> {
    let length = file.metadata()?.len();
    let Some(before) = length.checked_sub(most + 1) else {
        return Ok(());
    };
    // One byte earlier: a line may begin right there.
    let mut at = file.seek(SeekFrom::Start(before))?;
    let mut piece = [0; 4096];
    loop {
        let read = file.read(&mut piece)?;
        let end = piece[..read].iter().position(|&byte| byte == b'\n');
        at += end.map_or(read, |end| end + 1) as u64;
        if end.is_some() || read == 0 {
            file.seek(SeekFrom::Start(at))?;
            return Ok(());
        }
    }
}

fn remove(path: &Path) {
    let _tried_again = std::fs::remove_file(path);
}
