//! Looking into an MSI, as whoever receives it could.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::tool::quiet;

/// Found in a program that has the simulator, one a line; the end-to-end tests look for the same.
const MARKS: &str = include_str!("../../../simulator_marks.txt");

/// Unpacks the files of an MSI, into a folder that is made anew; where the programs are.
pub(super) fn unpack(msi: &Path, into: &Path) -> Result<PathBuf, Box<dyn Error>> {
    if into.exists() {
        fs::remove_dir_all(into)?;
    }
    fs::create_dir_all(into)?;
    quiet(Command::new("msiextract").arg("-C").arg(into).arg(msi))?;
    // It knows no folder of Windows by the name of 64-bit programs, and leaves that part out.
    Ok(into.join("Cardea"))
}

/// Looks whether a program is as it is shipped.
pub(super) fn has_no_simulator(program: &Path) -> Result<(), Box<dyn Error>> {
    let content = fs::read(program).map_err(|error| format!("{}: {error}", program.display()))?;
    for mark in MARKS.lines() {
        let found = content
            .windows(mark.len())
            .any(|part| part == mark.as_bytes());
        if found {
            return Err(format!("{}: the simulator is in it ({mark})", program.display()).into());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_with_the_simulator_is_refused() {
        let folder = std::env::temp_dir().join(format!("cardea-xtask-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let program = folder.join("program");
        fs::write(&program, "shipped").unwrap();
        assert!(has_no_simulator(&program).is_ok());
        for mark in MARKS.lines() {
            fs::write(&program, format!("x{mark}x")).unwrap();
            assert!(has_no_simulator(&program).is_err(), "{mark}");
        }
        fs::remove_dir_all(folder).unwrap();
        assert!(MARKS.lines().count() > 3);
    }
}
