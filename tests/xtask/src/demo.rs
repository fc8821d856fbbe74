//! `cargo xtask demo`: the main job with a simulated card and a simulated CIS2.

use std::error::Error;
use std::process::{Command, ExitCode};

use crate::install;
use crate::process;

/// Builds the developer program and runs its demonstration with `arguments`.
///
/// # Errors
///
/// When what is missing cannot be installed, or a program cannot be started.
pub fn run(arguments: &[String]) -> Result<ExitCode, Box<dyn Error>> {
    install::for_demo()?;
    let build = process::run(process::cargo().args([
        "build",
        "--package",
        "cardea",
        "--features",
        "simulator",
        "--bin",
        "cardea-dev",
    ]))?;
    if !build.success() {
        return Ok(ExitCode::FAILURE);
    }
    let program = process::built()?.join("cardea-dev");
    let demo = process::run(Command::new(program).arg("demo").args(arguments))?;
    Ok(process::same_exit_code(demo))
}
