//! What a check found.

use std::time::Duration;

use cardea_session::{CheckOutcome, CheckReport, FailureCode};

/// What a check found. Nothing secret and nothing of the user is in it; paths and the names of
/// devices and programs are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    outcome: CheckOutcome,
    summary: String,
    details: Vec<String>,
    code: Option<FailureCode>,
    remedy: Option<String>,
    note: Option<&'static str>,
}

impl Finding {
    /// As it should be.
    pub(super) fn ok(summary: impl Into<String>) -> Self {
        Self::new(CheckOutcome::Ok, summary.into())
    }

    /// There is nothing to look at.
    pub(super) fn skipped(summary: impl Into<String>) -> Self {
        Self::new(CheckOutcome::Skipped, summary.into())
    }

    /// It works, or may, and somebody should look at it.
    pub(super) fn warning(summary: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            remedy: Some(remedy.into()),
            ..Self::new(CheckOutcome::Warning, summary.into())
        }
    }

    /// It keeps somebody from signing in, or a program from knowing; the remedy is the failure's.
    pub(super) fn failure(code: FailureCode, summary: impl Into<String>) -> Self {
        Self {
            code: Some(code),
            remedy: Some(code.remedy().to_owned()),
            ..Self::new(CheckOutcome::Failure, summary.into())
        }
    }

    /// The same, where it is none of the failures that programs are told of.
    pub(super) fn broken(summary: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            outcome: CheckOutcome::Failure,
            ..Self::warning(summary, remedy)
        }
    }

    fn new(outcome: CheckOutcome, summary: String) -> Self {
        Self {
            outcome,
            summary,
            details: Vec::new(),
            code: None,
            remedy: None,
            note: None,
        }
    }

    /// With more lines.
    pub(super) fn details(mut self, lines: impl IntoIterator<Item = String>) -> Self {
        self.details.extend(lines);
        self
    }

    /// With a remedy that says more than the failure's own.
    pub(super) fn remedy(self, remedy: impl Into<String>) -> Self {
        Self {
            remedy: Some(remedy.into()),
            ..self
        }
    }

    /// With the page of the project that says more, where there is one.
    pub(super) fn note(self, page: impl Into<Option<&'static str>>) -> Self {
        Self {
            note: page.into(),
            ..self
        }
    }

    /// Whether somebody should look at it, although it works.
    pub(super) fn is_warning(&self) -> bool {
        self.outcome == CheckOutcome::Warning
    }

    pub(super) fn outcome(&self) -> CheckOutcome {
        self.outcome
    }

    /// As it is told, by the check of this id and title that took so long.
    pub(super) fn report(self, id: &str, title: &str, took: Duration) -> CheckReport {
        CheckReport {
            id: id.to_owned(),
            title: title.to_owned(),
            outcome: self.outcome,
            summary: self.summary,
            details: self.details,
            code: self.code,
            remedy: self.remedy,
            note: self.note.map(str::to_owned),
            took_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        }
    }
}
