//! Programs that tests and benches run under Wine beside the agent. Each says on standard output
//! what it saw and when.

use std::io::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

/// The time of day, the one clock that Wine's programs and those around Wine share: nanoseconds
/// since 1970.
#[must_use]
pub fn now() -> u128 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap().as_nanos()
}

/// Says what was seen, and when.
pub fn say(when: u128, what: &str) {
    let mut output = std::io::stdout().lock();
    // Without a reader there is nobody to tell, and the program is ended soon.
    let _gone = writeln!(output, "{when} {what}");
    let _gone = output.flush();
}
