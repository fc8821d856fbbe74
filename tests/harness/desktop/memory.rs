//! What a process has in memory (proc(5)).

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context as _, Result};
use rustix::process::Pid;

use super::windows::folder_of;

const PAGE: u64 = 4096;
/// So much of it is looked at in a piece.
const PART: u64 = 256 * PAGE;
/// What is said of each page has so many bytes (`/proc/…/pagemap`).
const ENTRY: usize = 8;

/// Which of these texts are in what it could have written.
pub(super) fn held(process: Pid, texts: &[&str]) -> Result<BTreeSet<String>> {
    let folder = folder_of(process);
    let maps = std::fs::read_to_string(folder.join("maps"))?;
    let memory = File::open(folder.join("mem"))?;
    let pages = File::open(folder.join("pagemap"))?;
    let mut search = Command::new("grep")
        .args(["--text", "--only-matching", "--fixed-strings"])
        .args(["--regexp", &texts.join("\n")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("grep")?;
    let mut input = search.stdin.take().context("no input")?;
    let write = thread::spawn(move || {
        for range in maps.lines().filter_map(writable) {
            for start in range.clone().step_by(usize::try_from(PART)?) {
                let end = range.end.min(start + PART);
                let mut part = vec![0; usize::try_from(end - start)?];
                // What goes meanwhile cannot be read.
                let is_used = is_used(&pages, start..end)?;
                if is_used && memory.read_exact_at(&mut part, start).is_ok() {
                    input.write_all(&part)?;
                }
            }
        }
        anyhow::Ok(())
    });
    let mut found = String::new();
    let mut output = search.stdout.take().context("no output")?;
    output.read_to_string(&mut found)?;
    search.wait()?;
    write.join().ok().context("the search broke off")??;
    Ok(found.lines().map(str::to_owned).collect())
}

/// Where a part is that is private and can be written.
fn writable(line: &str) -> Option<Range<u64>> {
    let (range, rest) = line.split_once(' ')?;
    let (start, end) = range.split_once('-')?;
    let [start, end] = [start, end].map(|hex| u64::from_str_radix(hex, 16).ok());
    rest.starts_with("rw-p").then_some(start?..end?)
}

/// Whether anything is there: WebKit keeps room free for more than any computer has.
fn is_used(pages: &File, range: Range<u64>) -> Result<bool> {
    let count = (range.end - range.start) / PAGE;
    let mut entries = vec![0; usize::try_from(count)? * ENTRY];
    pages.read_exact_at(&mut entries, range.start / PAGE * ENTRY as u64)?;
    // The two highest bits: in memory, or swapped out.
    let is_used = |entry: &[u8]| entry.last().is_some_and(|high| high & 0xc0 != 0);
    Ok(entries.chunks(ENTRY).any(is_used))
}
