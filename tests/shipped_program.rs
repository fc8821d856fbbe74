//! What is shipped has no simulated card and no simulated CIS2 in it.

use std::fs;

use crate::harness::programs;

/// Found in a program that has the simulator: the name of its crate in symbols, what its provider
/// and its reader show. What packs the MSI looks for the same.
pub fn marks() -> impl Iterator<Item = &'static str> {
    include_str!("simulator_marks.txt").lines()
}

/// Found in both programs, so that what is looked into is really the program.
const OURS: &str = "cardea_session";

pub fn has(program: &[u8], mark: &str) -> bool {
    program
        .windows(mark.len())
        .any(|part| part == mark.as_bytes())
}

#[test]
fn the_shipped_program_has_no_simulator() {
    let shipped = fs::read(programs::cardea()).unwrap();
    let developers = fs::read(programs::cardea_dev()).unwrap();
    assert!(has(&shipped, OURS) && has(&developers, OURS));

    for mark in marks() {
        assert!(
            has(&developers, mark),
            "{mark:?} marks the simulator no longer"
        );
        assert!(!has(&shipped, mark), "{mark:?} is in the shipped program");
    }
}
