//! `cardea doctor` as text and JSON.

use std::io::{self, Write};

use cardea_client::session::{CheckCounts, CheckOutcome, CheckReport, DoctorEvent};
use serde::Serialize;

use super::{json, one_line};

/// How wide the title is shown.
const TITLE: usize = 28;

/// How it is shown what is being looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Not at all.
    Silent,
    /// Each check when it has ended.
    Lines,
    /// Also the one that is under way, on a line that is written over.
    Live,
    /// Each step, as a line of JSON.
    Events,
}

/// What was found so far.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    version: &'static str,
    counts: CheckCounts,
    checks: Vec<CheckReport>,
    #[serde(skip)]
    progress: Progress,
    /// How many characters of the line under way are to be written over.
    #[serde(skip)]
    under_way: usize,
}

impl Report {
    pub(crate) fn new(progress: Progress) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION"),
            counts: CheckCounts::default(),
            checks: Vec::new(),
            progress,
            under_way: 0,
        }
    }

    /// Takes what happened in, and shows it.
    pub(crate) fn take(&mut self, event: DoctorEvent, out: &mut dyn Write) -> io::Result<()> {
        if self.progress == Progress::Events {
            json::line(&event, out)?;
        }
        match event {
            DoctorEvent::Started { title, .. } => {
                if self.progress == Progress::Live {
                    let line = format!("...      {}", one_line(&title));
                    self.under_way = line.chars().count();
                    write!(out, "{line}")?;
                    out.flush()?;
                }
            }
            DoctorEvent::Finished { check } => {
                if self.progress == Progress::Live {
                    write!(out, "\r{:width$}\r", "", width = self.under_way)?;
                }
                match self.progress {
                    Progress::Lines | Progress::Live => write_check(&check, out)?,
                    Progress::Silent | Progress::Events => {}
                }
                self.counts.add(check.outcome);
                self.checks.push(check);
            }
            DoctorEvent::Done { .. } => {}
        }
        Ok(())
    }

    /// Writes how many checks ended how.
    pub(crate) fn conclude(&self, out: &mut dyn Write) -> io::Result<()> {
        let CheckCounts {
            ok,
            warnings,
            failures,
            skipped,
        } = self.counts;
        writeln!(
            out,
            "\n{} checks: {ok} in order, {warnings} to look at, {failures} failed, {skipped} not made.",
            self.checks.len()
        )
    }

    /// How many checks failed.
    pub(crate) fn failures(&self) -> u32 {
        self.counts.failures
    }
}

/// Writes a check for people: what was found, and below it what to do.
pub(crate) fn write_check(check: &CheckReport, out: &mut dyn Write) -> io::Result<()> {
    let word = match check.outcome {
        CheckOutcome::Ok => "ok",
        CheckOutcome::Warning | CheckOutcome::Unknown => "LOOK",
        CheckOutcome::Failure => "FAILED",
        CheckOutcome::Skipped => "-",
    };
    let code = check
        .code
        .map_or(String::new(), |code| format!(" [{code}]"));
    writeln!(
        out,
        "{word:<8} {:<TITLE$} {}{code}",
        one_line(&check.title),
        one_line(&check.summary)
    )?;
    let below = check.details.iter().map(|line| ("", line));
    let remedy = check.remedy.iter().map(|line| ("To do: ", line));
    let note = check.note.iter().map(|line| ("See: ", line));
    for (label, line) in below.chain(remedy).chain(note) {
        writeln!(out, "{:9}{label}{}", "", one_line(line))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use cardea_client::session::FailureCode;

    use super::*;

    fn check(outcome: CheckOutcome) -> CheckReport {
        CheckReport {
            id: "readers".to_owned(),
            title: "Card readers".to_owned(),
            outcome,
            summary: "One\u{1b}[2J reader.".to_owned(),
            details: vec!["A: no card".to_owned()],
            code: Some(FailureCode::CardServiceStopped),
            remedy: Some("Start it.".to_owned()),
            note: Some("drivers-notes/omnikey.md".to_owned()),
            took_ms: 1,
        }
    }

    fn shown(progress: Progress) -> String {
        let mut report = Report::new(progress);
        let mut out = Vec::new();
        let started = DoctorEvent::Started {
            id: "readers".to_owned(),
            title: "Card readers".to_owned(),
        };
        report.take(started, &mut out).unwrap();
        let check = check(CheckOutcome::Failure);
        report
            .take(DoctorEvent::Finished { check }, &mut out)
            .unwrap();
        report.conclude(&mut out).unwrap();
        assert_eq!(report.failures(), 1);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_check_is_shown_with_what_to_do() {
        assert_eq!(
            shown(Progress::Lines),
            "FAILED   Card readers                 One\u{fffd}[2J reader. [card_service_stopped]\n\
             \u{20}        A: no card\n\
             \u{20}        To do: Start it.\n\
             \u{20}        See: drivers-notes/omnikey.md\n\
             \n1 checks: 0 in order, 0 to look at, 1 failed, 0 not made.\n"
        );
    }

    #[test]
    fn on_a_terminal_the_check_under_way_is_shown_and_written_over() {
        let live = shown(Progress::Live);
        let under_way = "...      Card readers";
        let over = format!("{under_way}\r{:21}\rFAILED ", "");
        assert!(live.starts_with(&over), "{live:?}");
    }

    #[test]
    fn as_lines_of_json_each_step_is_an_event() {
        let steps = shown(Progress::Events);
        let mut events = steps
            .lines()
            .map_while(|line| serde_json::from_str::<DoctorEvent>(line).ok());
        assert_eq!(
            events.next().map(|event| event.name()),
            Some("check.started")
        );
        let check = check(CheckOutcome::Failure);
        assert_eq!(events.next(), Some(DoctorEvent::Finished { check }));
    }

    #[test]
    fn as_json_nothing_else_is_shown() {
        assert!(!shown(Progress::Silent).contains("FAILED"));
        let json = serde_json::to_value(Report::new(Progress::Silent)).unwrap();
        assert_eq!(json["checks"], serde_json::json!([]));
        assert_eq!(json["counts"]["failures"], 0);
    }
}
