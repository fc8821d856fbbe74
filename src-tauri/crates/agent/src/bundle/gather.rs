//! The parts that need no running agent.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::Part;
use super::archive::MOST_OF_PART;
use crate::logs::{log_files, skip_to_last_lines};
use crate::paths::UserPaths;
use crate::settings::{Build, Loaded, Place, Places, Row, load, write_findings, write_rows};

/// The most that is read of one file, in bytes: as much of it as a bundle takes.
const MOST_OF_FILE: u64 = MOST_OF_PART as u64;
/// The most of all logs; the rest of the bundle needs its place, too.
const MOST_OF_LOGS: u64 = 16 * 1024 * 1024;
/// How many lines of the audit.
const AUDIT_LINES: usize = 1000;

/// Settings with where they come from, what is wrong with them, what policy holds, versions, the end
/// of the audit and of the logs. `program` is what `--version` says. Blocks on the disk.
#[must_use]
pub fn gather(places: &Places, paths: &UserPaths, program: &str) -> Vec<Part> {
    let mut parts = vec![versions(program, places.build)];
    parts.extend(settings(&load(places)));
    parts.push(audit(&paths.audit()));
    parts.extend(logs(&paths.logs()));
    parts
}

fn versions(program: &str, build: Build) -> Part {
    let build = match build {
        Build::Release => "release",
        Build::Developer => "developer",
    };
    let mut text = format!("cardea {program}\nbuild {build}\n");
    for (name, version) in crate::system::versions() {
        // A text takes everything.
        let _ = writeln!(text, "{name} {version}");
    }
    Part::text(
        "versions.txt",
        "versions of Cardea and of what it runs on",
        text,
    )
}

fn settings(loaded: &Loaded) -> Vec<Part> {
    // The arguments of a hook may hold what is for nobody else.
    let rows: Vec<_> = loaded.settings.show().iter().map(Row::for_others).collect();
    let managed = rows.iter().filter(|row| row.origin.place == Place::Policy);
    let managed: Vec<_> = managed.cloned().collect();
    let policy = match managed.is_empty() {
        true => "No setting comes from a policy.\n".to_owned(),
        false => text(|out| write_rows(&managed, out)),
    };
    let about = "the effective settings, each with where it comes from";
    let as_json = match serde_json::to_string_pretty(&rows) {
        Ok(json) => Part::text("settings.json", about, json + "\n"),
        Err(error) => Part::missing("settings.json", about, error),
    };
    vec![
        Part::text("settings.txt", about, text(|out| write_rows(&rows, out))),
        as_json,
        Part::text(
            "settings-problems.txt",
            "what is wrong with the settings",
            text(|out| write_findings(loaded, out)),
        ),
        Part::text("policy.txt", "what policy holds", policy),
    ]
}

/// What is written into memory, which takes everything.
fn text(write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>) -> String {
    let mut out = Vec::new();
    let _ = write(&mut out);
    String::from_utf8_lossy(&out).into_owned()
}

fn audit(path: &Path) -> Part {
    let (name, about) = ("audit.jsonl", "the last lines of the audit");
    match end_of(path, MOST_OF_FILE) {
        Ok((text, _)) => {
            let lines = text.lines().count();
            let last = text
                .split_inclusive('\n')
                .skip(lines.saturating_sub(AUDIT_LINES));
            Part::log(name, about, last.collect::<String>())
        }
        Err(error) => Part::missing(name, about, error),
    }
}

/// The newest first, until there is enough.
fn logs(folder: &Path) -> Vec<Part> {
    let name_in_bundle = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default();
        format!("logs/{}", name.to_string_lossy())
    };
    let files = match log_files(folder) {
        Ok(files) if files.is_empty() => {
            return vec![Part::missing("logs", "the logs", "there are none")];
        }
        Ok(files) => files,
        Err(error) => return vec![Part::missing("logs", "the logs", error)],
    };
    let mut left = MOST_OF_LOGS;
    let mut parts = Vec::new();
    for path in files {
        let (name, about) = (name_in_bundle(&path), "a day's log");
        if left == 0 {
            parts.push(Part::missing(&name, about, "newer logs take all the place"));
            continue;
        }
        parts.push(match end_of(&path, MOST_OF_FILE.min(left)) {
            Ok((text, bytes)) => {
                left -= bytes.min(left);
                let about = match text.len() as u64 == bytes {
                    true => about.to_owned(),
                    false => format!("{about}: the last {} of {bytes} bytes", text.len()),
                };
                Part::log(&name, &about, text)
            }
            Err(error) => Part::missing(&name, about, error),
        });
    }
    parts
}

/// The last whole lines of a file, as many as go into `most` bytes, and how many bytes it has.
fn end_of(path: &Path, most: u64) -> io::Result<(String, u64)> {
    // Something else, a pipe for instance, might never end.
    if !fs::symlink_metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    skip_to_last_lines(&mut file, most)?;
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes)?;
    Ok((String::from_utf8_lossy(&bytes).into_owned(), length))
}

#[cfg(test)]
mod tests;
