//! Writes the parts into a new zip, clean and within bounds.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use cardea_session::Time;
use miniz_oxide::deflate::compress_to_vec;
use rawzip::time::UtcDateTime;
use rawzip::{CompressionMethod, DataDescriptorOutput, ZipArchiveWriter, crc32};

use super::cleaner::{Cleaner, Replaced};
use super::index::{self, Entry, State};
use super::part::{Content, Keep, Part};
use crate::paths;

/// The most of one part, in bytes.
pub(super) const MOST_OF_PART: usize = 4 * 1024 * 1024;
/// The most of all parts together, in bytes.
const MOST: usize = 24 * 1024 * 1024;

/// How hard it is tried to make it small: as hard as is usual.
const LEVEL: u8 = 6;

/// The first file.
const INDEX: &str = "index.txt";

/// A bundle that was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// How many files are in it, the index not counted.
    pub files: usize,
    /// How many parts are missing.
    pub missing: usize,
    /// What was taken out of all texts.
    pub replaced: Replaced,
}

/// There is no bundle.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// A file of that name is there; it stays as it is.
    #[error("{} is there already; choose another name, or remove it", .0.display())]
    Exists(PathBuf),
    /// The file cannot be made.
    #[error("{} cannot be made: {source}", path.display())]
    NotMade {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file cannot be written; what there was of it is gone.
    #[error("{} cannot be written: {source}", path.display())]
    NotWritten {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: rawzip::Error,
    },
    /// Two parts have this name, or it is none for a file.
    #[error("the bundle cannot have a file {0:?}")]
    Name(String),
}

/// Writes a new file that this user alone can read. What is too long is cut, and the index says so.
///
/// # Errors
/// [`BundleError`]; then there is no such file, or the one that was there before.
pub fn write(
    path: &Path,
    parts: Vec<Part>,
    cleaner: &Cleaner,
    now: Time,
) -> Result<Written, BundleError> {
    check_names(&parts)?;
    let Prepared {
        entries,
        files,
        replaced,
    } = prepare(parts, cleaner, Bounds::OF_BUNDLE);
    let index = index::text(&now.to_string(), &entries, &replaced);
    let written = Written {
        files: files.len(),
        missing: entries.len() - files.len(),
        replaced,
    };
    let first = (INDEX.to_owned(), index);
    let made = UtcDateTime::from_unix(now.unix());
    new_file(path, |file| {
        zip(file, made, [first].into_iter().chain(files))
    })?;
    Ok(written)
}

/// So that it can be unpacked anywhere, and nowhere else than there.
fn check_names(parts: &[Part]) -> Result<(), BundleError> {
    for (number, Part { name, .. }) in parts.iter().enumerate() {
        let is_plain = |part: &str| {
            let letters = part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-._".contains(c));
            letters && part.starts_with(|c: char| c.is_ascii_alphanumeric())
        };
        let is_new = parts[..number].iter().all(|part| part.name != *name);
        if name == INDEX || !is_new || !name.split('/').all(is_plain) {
            return Err(BundleError::Name(name.clone()));
        }
    }
    Ok(())
}

/// In bytes.
#[derive(Clone, Copy)]
struct Bounds {
    part: usize,
    all: usize,
}

impl Bounds {
    const OF_BUNDLE: Self = Self {
        part: MOST_OF_PART,
        all: MOST,
    };
}

struct Prepared {
    entries: Vec<Entry>,
    files: Vec<(String, String)>,
    replaced: Replaced,
}

/// Cleans first: what is cut might no longer look like what it is.
fn prepare(parts: Vec<Part>, cleaner: &Cleaner, bounds: Bounds) -> Prepared {
    let mut left = bounds.all;
    let mut prepared = Prepared {
        entries: Vec::new(),
        files: Vec::new(),
        replaced: Replaced::default(),
    };
    for Part {
        name,
        about,
        content,
    } in parts
    {
        let mut clean = |text: &str| {
            let cleaned = cleaner.clean(text);
            prepared.replaced.add(&cleaned.replaced);
            cleaned.text
        };
        let about = clean(&about);
        let state = match content {
            Content::Missing(why) => State::Missing(clean(&why)),
            Content::Text { .. } if left == 0 => {
                State::Missing("the bundle was full before".to_owned())
            }
            Content::Text { text, keep } => {
                let text = clean(&text);
                let kept = cut(&text, keep, bounds.part.min(left));
                left -= kept.len();
                let which = match keep {
                    Keep::Start => "the start",
                    Keep::End => "the end",
                };
                let cut = (kept.len() < text.len()).then_some((text.len(), which));
                let bytes = kept.len();
                prepared.files.push((name.clone(), kept.to_owned()));
                State::There { bytes, cut }
            }
        };
        prepared.entries.push(Entry { name, about, state });
    }
    prepared
}

/// The start or the end of a text, in whole lines where it has any.
fn cut(text: &str, keep: Keep, most: usize) -> &str {
    if text.len() <= most {
        return text;
    }
    match keep {
        Keep::Start => {
            let mut end = most;
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            let line = text[..end].rfind('\n').map_or(end, |last| last + 1);
            &text[..line]
        }
        Keep::End => {
            let mut start = text.len() - most;
            while !text.is_char_boundary(start) {
                start += 1;
            }
            // A line may begin right there.
            let begins_line = text[..start].ends_with('\n');
            let line = text[start..].find('\n').map(|end| start + end + 1);
            &text[line.filter(|_| !begins_line).unwrap_or(start)..]
        }
    }
}

/// Makes the file, and takes it away again when it cannot be written.
fn new_file(
    path: &Path,
    write: impl FnOnce(File) -> Result<(), rawzip::Error>,
) -> Result<(), BundleError> {
    let file = match paths::create_private_file(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(BundleError::Exists(path.to_owned()));
        }
        Err(source) => {
            let path = path.to_owned();
            return Err(BundleError::NotMade { path, source });
        }
    };
    write(file).map_err(|source| {
        let _best_effort = std::fs::remove_file(path);
        BundleError::NotWritten {
            path: path.to_owned(),
            source,
        }
    })
}

fn zip(
    file: impl Write,
    made: UtcDateTime,
    files: impl Iterator<Item = (String, String)>,
) -> Result<(), rawzip::Error> {
    let mut zip = ZipArchiveWriter::new(file);
    for (name, text) in files {
        let deflated = compress_to_vec(text.as_bytes(), LEVEL);
        let file = zip.new_file(&name).last_modified(made);
        let file = file.unix_permissions(0o600);
        let (mut entry, _) = file
            .compression_method(CompressionMethod::DEFLATE)
            .start()?;
        entry.write_all(&deflated)?;
        entry.finish(DataDescriptorOutput::new(
            crc32(text.as_bytes()),
            text.len() as u64,
        ))?;
    }
    zip.finish()?.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests;
