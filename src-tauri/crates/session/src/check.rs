//! What a check of the doctor found: for `cardea doctor`, `POST /v1/doctor` and the window.

use serde::{Deserialize, Serialize};

use crate::FailureCode;

/// How a check ended.
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckOutcome {
    /// As it should be.
    Ok,
    /// It works, or may; somebody should look at it. Also a check that did not come to an end.
    Warning,
    /// It keeps somebody from signing in, or a program from knowing.
    Failure,
    /// There was nothing to look at, or a check before this one failed.
    Skipped,
    /// An outcome that a newer agent gives and this program does not know.
    #[serde(other)]
    Unknown,
}

/// One check and what it found. The ids are public and stable; texts are for people.
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckReport {
    /// Names the check, for instance `card_service`.
    pub id: String,
    /// What is checked, in a few words.
    pub title: String,
    /// How it ended.
    pub outcome: CheckOutcome,
    /// What was found, in a sentence.
    pub summary: String,
    /// More of it, a line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<String>,
    /// The failure that it is, or will be at the next sign-in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<FailureCode>))]
    pub code: Option<FailureCode>,
    /// What to do; always there with a warning or a failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// The page of the project that says more, for instance `drivers-notes/omnikey.md`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
}

/// How many checks ended how.
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckCounts {
    /// As they should.
    pub ok: u32,
    /// With a warning.
    pub warnings: u32,
    /// With a failure.
    pub failures: u32,
    /// Not at all.
    pub skipped: u32,
}

impl CheckCounts {
    /// Counts one more.
    pub fn add(&mut self, outcome: CheckOutcome) {
        match outcome {
            CheckOutcome::Ok => self.ok += 1,
            // What is not understood is not taken for good.
            CheckOutcome::Warning | CheckOutcome::Unknown => self.warnings += 1,
            CheckOutcome::Failure => self.failures += 1,
            CheckOutcome::Skipped => self.skipped += 1,
        }
    }
}

/// What the doctor says while it goes through its checks, one after the other.
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event")]
pub enum DoctorEvent {
    /// A check begins.
    #[serde(rename = "check.started")]
    Started {
        /// Names the check.
        id: String,
        /// What is checked, in a few words.
        title: String,
    },
    /// It has ended.
    #[serde(rename = "check.finished")]
    Finished {
        /// What it found.
        check: CheckReport,
    },
    /// All have ended; nothing follows.
    #[serde(rename = "doctor.finished")]
    Done {
        /// How many ended how.
        counts: CheckCounts,
    },
}

impl DoctorEvent {
    /// Its public name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Started { .. } => "check.started",
            Self::Finished { .. } => "check.finished",
            Self::Done { .. } => "doctor.finished",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outcome_that_is_not_known_is_not_taken_for_good() {
        let outcome: CheckOutcome = serde_json::from_str("\"splendid\"").unwrap();
        assert_eq!(outcome, CheckOutcome::Unknown);
        let mut counts = CheckCounts::default();
        counts.add(outcome);
        assert_eq!((counts.ok, counts.warnings), (0, 1));
    }

    #[test]
    fn what_is_absent_is_not_written() {
        let event = DoctorEvent::Finished {
            check: CheckReport {
                id: "readers".to_owned(),
                title: "Card readers".to_owned(),
                outcome: CheckOutcome::Ok,
                summary: "One reader.".to_owned(),
                details: Vec::new(),
                code: None,
                remedy: None,
                note: None,
                took_ms: 3,
            },
        };
        let json = serde_json::to_value(&event).unwrap();
        assert_eq!(
            json,
            serde_json::json!({"event": "check.finished", "check": {
                "id": "readers", "title": "Card readers", "outcome": "ok",
                "summary": "One reader.", "took_ms": 3,
            }})
        );
        assert_eq!(json["event"], event.name());
        assert_eq!(serde_json::from_value::<DoctorEvent>(json).unwrap(), event);
    }
}
