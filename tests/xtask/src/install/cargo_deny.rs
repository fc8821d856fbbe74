//! cargo-deny, in the version that `deny.toml` is written for.

use super::{Missing, run};
use crate::process::{cargo, output_of};

const VERSION: &str = "0.20.2";

/// Installs cargo-deny where it is missing or of another series.
pub fn install() -> Result<(), Missing> {
    if fits(&output_of(cargo().args(["deny", "--version"]))) {
        return Ok(());
    }
    eprintln!("Installing cargo-deny {VERSION} with cargo; it compiles for some minutes.");
    run(cargo().args(["install", "--locked", "--version", VERSION, "cargo-deny"]))
}

/// True for any version of the pinned one's series.
fn fits(answer: &str) -> bool {
    let series = |version: &str| {
        version
            .rsplit_once('.')
            .map(|(series, _)| series.to_owned())
    };
    answer
        .trim()
        .strip_prefix("cargo-deny ")
        .is_some_and(|version| series(version) == series(VERSION))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_series_decides() {
        assert!(fits("cargo-deny 0.20.2\n"));
        assert!(fits("cargo-deny 0.20.9\n"));
        assert!(!fits("cargo-deny 0.19.0\n"));
        assert!(!fits(""));
    }
}
