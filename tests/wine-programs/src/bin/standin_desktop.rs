//! Stands in for the desktop in the MSIs of tests: keeps the agent beside it running, until that
//! ends with an error, as when another one runs.

use std::process::Command;

fn main() {
    let this = std::env::current_exe().unwrap();
    let mut agent = Command::new(this.with_file_name("cardea.exe"));
    while agent.arg("run").status().unwrap().code() != Some(1) {
        agent = Command::new(this.with_file_name("cardea.exe"));
    }
}
