//! The last lines of the audit.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use cardea_local_api::ActivityEntry;
use cardea_session::{SessionId, Time};
use serde::Deserialize;

const MOST: usize = 200;
/// As much of the file's end as is read, in bytes: more than that many lines take.
const TAIL: u64 = 64 * 1024;

#[derive(Deserialize)]
struct Line {
    time: Time,
    action: String,
    app: Option<String>,
    session: Option<SessionId>,
    reason: Option<String>,
}

/// The last 200 lines, the oldest first; what is no line is left out.
pub(super) fn last(path: &Path) -> io::Result<Vec<ActivityEntry>> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
    let mut end = Vec::new();
    file.take(TAIL).read_to_end(&mut end)?;
    let lines = end.split(|&byte| byte == b'\n');
    let mut entries: Vec<_> = lines.filter_map(entry).collect();
    entries.drain(..entries.len().saturating_sub(MOST));
    Ok(entries)
}

fn entry(line: &[u8]) -> Option<ActivityEntry> {
    let line: Line = serde_json::from_slice(line).ok()?;
    Some(ActivityEntry {
        at: line.time,
        action: line.action,
        app: line.app,
        session_id: line.session,
        reason: line.reason,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_are_told_whatever_else_is_in_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        let line = |number: usize| {
            format!(
                "{{\"time\":\"2026-01-05T09:00:00.000Z\",\"app\":\"app-{number}\",\
                 \"action\":\"grant\"}}\n"
            )
        };
        let lines: String = (0..1000).map(line).collect();
        std::fs::write(&path, format!("{lines}half a li")).unwrap();
        let last = last(&path).unwrap();
        assert_eq!(last.len(), MOST);
        assert_eq!(last[0].app.as_deref(), Some("app-800"));
        assert_eq!(last[MOST - 1].app.as_deref(), Some("app-999"));
    }
}
