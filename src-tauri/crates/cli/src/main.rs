//! `cardea`: the agent and its tools.

use std::process::ExitCode;

fn main() -> ExitCode {
    cardea::main(cardea::Build::Release)
}
