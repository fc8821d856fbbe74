//! The `cardea` program: what its commands are, and what they print.
//!
//! Every command is a function that writes to the output it is given and returns how it ended;
//! [`main`] alone knows the process.

pub mod arguments;
mod command;
#[cfg(feature = "simulator")]
mod demo;
mod failure;
mod output;
#[cfg(feature = "simulator")]
mod sample;
mod signals;
mod terminal;

use std::io::{self, Write as _};
use std::process::ExitCode;

pub use cardea_agent::settings::Build;
use clap::Parser as _;

use crate::arguments::Arguments;
use crate::failure::CommandError;

/// Runs the program with the arguments of the process. Wrong usage ends it with code 2.
#[must_use]
pub fn main(build: Build) -> ExitCode {
    let arguments = Arguments::parse();
    let ended = run(arguments, build, &mut io::stdout().lock());
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(CommandError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(error) => {
            let line = output::one_line(&error.to_string());
            // Nobody is left to be told when this fails.
            let _ = writeln!(io::stderr(), "cardea: {line}");
            error.exit_code()
        }
    }
}

fn run(arguments: Arguments, build: Build, out: &mut dyn io::Write) -> Result<(), CommandError> {
    // A second worker, so that no signature keeps a removal waiting.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(CommandError::Runtime)?;
    let ended = runtime.block_on(command::run(arguments.command, build, out));
    runtime.shutdown_background();
    ended
}
