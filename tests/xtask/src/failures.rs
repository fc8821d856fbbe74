//! What the tests that failed said, to be read again at the end of a long output.

use std::fmt;

/// How many lines are kept: enough for some tests, and few beside all that was printed.
const MOST_LINES: usize = 200;

const HEADING: &str = "failures:";

/// What cargo's test programs say between two lines `failures:`, and Node's lines `not ok …`.
#[derive(Debug, Default)]
pub struct Failures {
    lines: Vec<String>,
    left_out: usize,
    inside: bool,
}

impl Failures {
    /// Looks at the next line of the output.
    pub fn look(&mut self, line: &str) {
        let line = line.trim_end();
        if line == HEADING {
            // The second of a pair begins the mere list of names.
            self.inside = !self.inside;
        } else if line.starts_with("test result: ") {
            self.inside = false;
        } else if self.inside && !line.is_empty() || line.trim_start().starts_with("not ok ") {
            self.keep(line);
        }
    }

    /// True when no test failed.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    fn keep(&mut self, line: &str) {
        if self.lines.len() < MOST_LINES {
            self.lines.push(line.to_owned());
        } else {
            self.left_out += 1;
        }
    }
}

impl fmt::Display for Failures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.lines {
            writeln!(f, "{line}")?;
        }
        if self.left_out > 0 {
            writeln!(f, "… and {} lines more, above", self.left_out)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(output: &str) -> Failures {
        let mut failures = Failures::default();
        for line in output.lines() {
            failures.look(line);
        }
        failures
    }

    #[test]
    fn what_failed_tests_said_is_kept_and_nothing_else() {
        let output = "\
running 2 tests
test one ... ok
test two ... FAILED

failures:

---- two stdout ----
thread 'two' panicked at tests/two.rs:3:5:
left is not right

failures:
    two

test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
ok 1 - three
    not ok 1 - four
";
        assert_eq!(
            seen(output).to_string(),
            "---- two stdout ----\nthread 'two' panicked at tests/two.rs:3:5:\nleft is not \
             right\n    not ok 1 - four\n"
        );
    }

    #[test]
    fn a_program_that_ends_within_its_failures_does_not_take_in_the_next_one() {
        let output = "failures:\nhalf\ntest result: FAILED. 0 passed; 1 failed\ntest five ... ok\n";
        assert_eq!(seen(output).to_string(), "half\n");
        assert!(seen("test five ... ok\n").is_empty());
    }

    #[test]
    fn of_very_much_the_beginning_is_kept() {
        let output = format!("failures:\n{}", "again\n".repeat(MOST_LINES + 3));
        let shown = seen(&output).to_string();
        assert!(
            shown.ends_with("again\n… and 3 lines more, above\n"),
            "{shown}"
        );
        assert_eq!(shown.lines().count(), MOST_LINES + 1);
    }
}
