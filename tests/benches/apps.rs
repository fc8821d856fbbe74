//! Many clinical programs, for the agent's settings.

use crate::harness::agent::App;

/// So many, each with a name and a token of its own.
pub fn many(n: usize) -> Vec<App> {
    (0..n)
        .map(|number| App::new(format!("program-{number}").leak()))
        .collect()
}
