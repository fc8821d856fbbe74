use std::path::Path;

fn shell(script: &str) -> Vec<String> {
    let shell = std::env::var("ComSpec").unwrap();
    vec![shell, "/c".to_owned(), script.to_owned()]
}

/// Writes reason and session into a file.
pub(super) fn writing_into(file: &Path) -> Vec<String> {
    let file = file.display();
    shell(&format!("echo %CARDEA_REASON% %CARDEA_SESSION_ID%> {file}"))
}

pub(super) fn printing_much() -> Vec<String> {
    shell("for /L %i in (1,1,2000) do @echo 0123456789012345678901234567890123456789 & exit 3")
}

pub(super) fn never_ending() -> Vec<String> {
    this_program_as("hooks::tests::programs::a_program_that_never_ends")
}

/// This program, running one of its tests.
fn this_program_as(test: &str) -> Vec<String> {
    let this = std::env::current_exe().unwrap();
    let this = this.to_string_lossy().into_owned();
    let arguments = [test, "--exact", "--ignored"].map(str::to_owned);
    [vec![this], arguments.to_vec()].concat()
}

#[test]
#[ignore = "is what another test runs: the shell of Windows has nothing that waits without input"]
fn a_program_that_never_ends() {
    loop {
        std::thread::park();
    }
}
