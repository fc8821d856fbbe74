//! The `cardea` program: what its commands are, and what they print.
//!
//! Every command is a function that writes to the output it is given and returns how it ended;
//! [`main`] alone knows the process.

pub mod arguments;
mod command;
mod failure;
mod output;

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Parser as _;

use crate::arguments::Arguments;
use crate::failure::CommandError;

/// Runs the program with the arguments of the process. Wrong usage ends it with code 2.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let ended = run(arguments, &mut io::stdout().lock());
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(CommandError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(error) => {
            // Nobody is left to be told when this fails.
            let _ = writeln!(io::stderr(), "cardea: {error}");
            error.exit_code()
        }
    }
}

fn run(arguments: Arguments, out: &mut dyn io::Write) -> Result<(), CommandError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(CommandError::Runtime)?;
    runtime.block_on(command::run(arguments.command, out))
}
