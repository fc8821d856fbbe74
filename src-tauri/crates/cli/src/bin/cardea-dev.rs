//! `cardea-dev`: `cardea` with the simulated card and provider built in.

use std::process::ExitCode;

fn main() -> ExitCode {
    cardea::main(cardea::Build::Developer)
}
