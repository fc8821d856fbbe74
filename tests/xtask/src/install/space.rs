//! Room on the disk: a run that ends in the midst for want of it says so in a linker's words.

use std::path::Path;
use std::process::Command;

use crate::process::output_of;

/// What a full run from a clean checkout takes, in MB: 10,400 were seen without incremental
/// compilation.
const WANTED_MB: u64 = 13_000;

/// Warns when the disk may get full, with what to do.
pub fn warn(target: &Path) {
    let beside = target.parent().unwrap_or(target);
    let mut df = Command::new("df");
    df.args(["--output=avail", "-BMB"]).arg(beside);
    let Some(free) = megabytes(&output_of(&mut df)) else {
        return;
    };
    if free >= WANTED_MB {
        return;
    }
    // What is built already need not be built again, or can go.
    let mut du = Command::new("du");
    du.args(["--summarize", "-BMB"]).arg(target);
    let built = megabytes(&output_of(&mut du)).unwrap_or_default();
    if let Some(warning) = warning(free, built) {
        eprintln!("{warning}");
    }
}

fn warning(free: u64, built: u64) -> Option<String> {
    (free + built < WANTED_MB).then(|| {
        format!(
            "warning: {free} MB are free here, and a full run takes up to {WANTED_MB} MB: it may \
             end for want of room. Make room, or set CARGO_INCREMENTAL=0, which takes less."
        )
    })
}

/// The first number with its unit in what `df` or `du` prints.
fn megabytes(printed: &str) -> Option<u64> {
    printed
        .split_whitespace()
        .find_map(|word| word.strip_suffix("MB")?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_programs_are_understood() {
        assert_eq!(megabytes(" Avail\n34112MB\n"), Some(34_112));
        assert_eq!(megabytes("9400MB\ttarget\n"), Some(9_400));
        assert_eq!(megabytes(""), None);
        assert_eq!(megabytes("du: cannot access"), None);
    }

    #[test]
    fn little_room_is_told_with_figures_unless_the_most_is_built() {
        let warning_text = warning(3_000, 0).unwrap();
        assert!(warning_text.contains("3000 MB are free"), "{warning_text}");
        assert_eq!(warning(3_000, WANTED_MB - 3_000), None);
    }
}
