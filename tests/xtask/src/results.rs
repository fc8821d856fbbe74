//! The closing lines of the test runners, added up.

use std::fmt;
use std::ops::AddAssign;

/// How many tests passed, failed and were left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Results {
    /// Tests that held.
    pub passed: u64,
    /// Tests that did not.
    pub failed: u64,
    /// Tests marked as ignored.
    pub skipped: u64,
}

impl Results {
    /// Reads a closing line of cargo's, such as `test result: ok. 3 passed; 0 failed; 1 ignored; …`,
    /// or of Node's, such as `# pass 3`; none for any other line.
    pub fn from_closing_line(line: &str) -> Option<Self> {
        Self::of_cargo(line).or_else(|| Self::of_node(line))
    }

    /// The Test Anything Protocol as Node writes it: a line for each kind.
    fn of_node(line: &str) -> Option<Self> {
        let (kind, count) = line.trim_end().strip_prefix("# ")?.split_once(' ')?;
        let count = count.parse().ok()?;
        let mut results = Self::default();
        match kind {
            "pass" => results.passed = count,
            "fail" | "cancelled" => results.failed = count,
            "skipped" | "todo" => results.skipped = count,
            _ => return None,
        }
        Some(results)
    }

    fn of_cargo(line: &str) -> Option<Self> {
        let (start, counts) = line.split_once("test result: ")?;
        if !start.trim().is_empty() {
            return None;
        }
        let (_verdict, counts) = counts.split_once(". ")?;
        let mut results = Self::default();
        for count in counts.split("; ") {
            let (number, what) = count.trim().split_once(' ')?;
            match what {
                "passed" => results.passed = number.parse().ok()?,
                "failed" => results.failed = number.parse().ok()?,
                "ignored" => results.skipped = number.parse().ok()?,
                _ => {}
            }
        }
        Some(results)
    }
}

impl AddAssign for Results {
    fn add_assign(&mut self, more: Self) {
        self.passed += more.passed;
        self.failed += more.failed;
        self.skipped += more.skipped;
    }
}

impl fmt::Display for Results {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            passed,
            failed,
            skipped,
        } = self;
        write!(f, "{passed} passed, {failed} failed, {skipped} skipped")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closing_line_is_read() {
        let line = "test result: FAILED. 12 passed; 2 failed; 3 ignored; 0 measured; \
                    1 filtered out; finished in 0.42s\n";
        assert_eq!(
            Results::from_closing_line(line),
            Some(Results {
                passed: 12,
                failed: 2,
                skipped: 3
            })
        );
    }

    #[test]
    fn the_closing_lines_of_node_are_read() {
        let lines =
            "# tests 9\n# pass 5\n# fail 1\n# cancelled 1\n# skipped 2\n# duration_ms 9.5\n";
        let mut results = Results::default();
        for more in lines.lines().filter_map(Results::from_closing_line) {
            results += more;
        }
        let expected = Results {
            passed: 5,
            failed: 2,
            skipped: 2,
        };
        assert_eq!(results, expected);
    }

    #[test]
    fn a_coloured_closing_line_is_read_too() {
        let line = "test result: \u{1b}[32mok\u{1b}(B\u{1b}[m. 1 passed; 0 failed; 0 ignored; 0 measured; \
                    0 filtered out; finished in 0.00s\n";
        assert_eq!(
            Results::from_closing_line(line),
            Some(Results {
                passed: 1,
                failed: 0,
                skipped: 0
            })
        );
    }

    #[test]
    fn other_lines_say_nothing() {
        for line in [
            "",
            "test results::a_closing_line_is_read ... ok",
            "running 3 tests",
            "test result: interrupted",
            "it printed test result: ok. 9 passed; 0 failed; 0 ignored",
            "test result: ok. many passed; 0 failed",
        ] {
            assert_eq!(Results::from_closing_line(line), None, "{line:?}");
        }
    }

    #[test]
    fn all_runners_add_up_to_one_line() {
        let mut all = Results::default();
        all += Results {
            passed: 3,
            failed: 0,
            skipped: 1,
        };
        all += Results {
            passed: 4,
            failed: 2,
            skipped: 0,
        };
        assert_eq!(all.to_string(), "7 passed, 2 failed, 1 skipped");
    }
}
