//! What `cardea.exe` says of itself to Windows.

use crate::harness::wine::{CARDEA, Wine};
use crate::shipped_program::{has, marks};

fn has_text(program: &[u8], text: &str) -> bool {
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    program.windows(wide.len()).any(|part| part == wide)
}

#[test]
#[ignore = "needs the programs for Windows"]
fn the_program_says_what_it_is_and_what_it_needs() {
    let program = Wine::program(CARDEA);
    for text in [
        "CompanyName",
        "The Cardea developers",
        "FileVersion",
        env!("CARGO_PKG_VERSION"),
    ] {
        assert!(has_text(&program, text), "{text} is not in the version");
    }
    for mark in [
        "level=\"asInvoker\"",
        "longPathAware>true",
        // Windows 10 and 11
        "{8e0f7a12-bfb3-4fe8-b9a5-48fd50a15a9a}",
        "activeCodePage>UTF-8",
    ] {
        assert!(has(&program, mark), "{mark} is not in the manifest");
    }
    // Each size of the icon is a picture of its own.
    let icon = include_bytes!("../../src-tauri/icons/cardea.ico");
    let pictures = |of: &[u8]| {
        of.windows(8)
            .filter(|part| part == b"\x89PNG\r\n\x1a\n")
            .count()
    };
    assert_eq!(pictures(icon), 6);
    assert_eq!(pictures(&program), 6);
}

#[test]
#[ignore = "needs the programs for Windows"]
fn the_program_has_no_simulator() {
    let program = Wine::program(CARDEA);
    assert!(has(&program, "cardea_session"));
    for mark in marks() {
        assert!(!has(&program, mark), "{mark:?} is in the program");
    }
}

#[test]
#[ignore = "needs the programs for Windows"]
fn it_names_its_compiler_and_standard_library() {
    let said = Wine::new()
        .command(CARDEA)
        .arg("--version")
        .output()
        .unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    for part in ["x86_64-pc-windows-gnu", "rustc 1.", "std 1."] {
        assert!(said.contains(part), "{said}");
    }
}
