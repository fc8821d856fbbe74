//! The project's own commands: `cargo xtask test`, `cargo xtask demo`,
//! `cargo xtask windows`, `cargo xtask msi`, `cargo xtask fuzz` and `cargo xtask bench`.
//!
//! Each installs what it needs and is missing, and says so first. This package depends on no crate
//! of ours, so that it runs while they do not compile.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this program talks to a terminal"
)]

mod arguments;
mod bench;
mod demo;
mod failures;
mod fuzz;
mod install;
mod msi;
mod process;
mod results;
mod stages;
mod table;
mod test;
mod windows;

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod dependency_rules;

use std::env;
use std::error::Error;
use std::process::ExitCode;

use arguments::{Command, USAGE};

fn main() -> ExitCode {
    let given: Vec<String> = env::args().skip(1).collect();
    if let [runner, program @ ..] = &given[..]
        && runner == windows::RUNNER
    {
        return ended(windows::run_under_wine(program));
    }
    let command = match arguments::parse(given.into_iter()) {
        Ok(command) => command,
        Err(problem) => {
            eprintln!("{problem}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let outcome = match command {
        Command::Help => {
            println!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        Command::Test(extent) => Ok(test::run(extent)),
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Windows => windows::run(),
        Command::Msi(options) => msi::run(&options),
        Command::Fuzz { target, arguments } => fuzz::run(&target, &arguments),
        Command::Bench { name, arguments } => bench::run(name, &arguments),
    };
    ended(outcome)
}

fn ended(outcome: Result<ExitCode, Box<dyn Error>>) -> ExitCode {
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::FAILURE
    })
}
