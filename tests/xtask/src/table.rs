//! The table of stages: what ran, how it ended, how long it took.

use std::fmt;
use std::time::Duration;

/// How a stage ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It found nothing wrong.
    Ok,
    /// It found something wrong.
    Failed,
}

/// One stage that ran.
#[derive(Debug)]
pub struct Row {
    /// The stage's name.
    pub name: &'static str,
    /// How it ended.
    pub verdict: Verdict,
    /// How long it took.
    pub took: Duration,
}

/// All stages that ran, in order.
#[derive(Debug, Default)]
pub struct Table {
    rows: Vec<Row>,
}

impl Table {
    /// Adds a stage that has ended.
    pub fn push(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// True when any stage failed.
    pub fn has_failure(&self) -> bool {
        self.rows.iter().any(|row| row.verdict == Verdict::Failed)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total: Duration = self.rows.iter().map(|row| row.took).sum();
        let width = self
            .rows
            .iter()
            .map(|row| row.name.len())
            .chain([5])
            .max()
            .unwrap_or(5);
        writeln!(f, "{:width$}  {:6}  {:>8}", "stage", "result", "time")?;
        for Row {
            name,
            verdict,
            took,
        } in &self.rows
        {
            let verdict = match verdict {
                Verdict::Ok => "ok",
                Verdict::Failed => "FAILED",
            };
            writeln!(f, "{name:width$}  {verdict:6}  {:>8}", clock(*took))?;
        }
        writeln!(f, "{:width$}  {:6}  {:>8}", "total", "", clock(total))
    }
}

/// Minutes and seconds, to the tenth of a second.
fn clock(took: Duration) -> String {
    let tenths = took.as_millis() / 100;
    format!("{}:{:02}.{}", tenths / 600, tenths / 10 % 60, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::default();
        table.push(Row {
            name: "formatting",
            verdict: Verdict::Ok,
            took: Duration::from_millis(1_250),
        });
        table.push(Row {
            name: "unit tests",
            verdict: Verdict::Failed,
            took: Duration::from_secs(75),
        });
        table
    }

    #[test]
    fn the_table_lines_up_and_sums_the_times() {
        let expected = "\
stage       result      time
formatting  ok        0:01.2
unit tests  FAILED    1:15.0
total                 1:16.2
";
        assert_eq!(table().to_string(), expected);
    }

    #[test]
    fn one_failed_stage_is_a_failure() {
        assert!(table().has_failure());
        assert!(!Table::default().has_failure());
    }
}
