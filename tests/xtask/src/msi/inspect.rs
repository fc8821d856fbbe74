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

/// Looks whether a program says in its resources what rules by publisher look for: AppLocker's the
/// product, WDAC's the name of the file.
pub(super) fn is_named_for_rules(program: &Path) -> Result<(), Box<dyn Error>> {
    let content = fs::read(program)?;
    let name = program.file_name().unwrap_or_default().to_string_lossy();
    for (key, value) in [("ProductName", "Cardea"), ("OriginalFilename", &*name)] {
        if !says(&content, key, value) {
            return Err(format!("{}: its {key} is not {value:?}", program.display()).into());
        }
    }
    Ok(())
}

/// Whether a string of `VERSIONINFO` is there: both in UTF-16 and ended by 0, filled up in between.
fn says(content: &[u8], key: &str, value: &str) -> bool {
    let utf16 = |text: &str| -> Vec<u8> {
        let units = text.encode_utf16().chain([0]);
        units.flat_map(u16::to_le_bytes).collect()
    };
    let (key, value) = (utf16(key), utf16(value));
    let mut found = (0..content.len()).filter(|&at| content[at..].starts_with(&key));
    found.any(|at| {
        let behind = &content[at + key.len()..];
        let filled = behind.iter().take_while(|&&byte| byte == 0).count();
        behind[filled..].starts_with(&value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_for_rules_are_looked_for_whole() {
        let mut content = b"MZ".to_vec();
        for text in [
            "ProductName",
            "",
            "Cardea",
            "OriginalFilename",
            "cardea.exe",
        ] {
            content.extend(text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes));
        }
        assert!(says(&content, "ProductName", "Cardea"));
        assert!(says(&content, "OriginalFilename", "cardea.exe"));
        assert!(!says(&content, "OriginalFilename", "cardea"));
        assert!(!says(&content, "ProductName", "cardea.exe"));
        assert!(!says(&content, "CompanyName", "Cardea"));
    }

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
