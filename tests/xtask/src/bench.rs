//! `cargo xtask bench`: one bench on release programs.

use std::error::Error;
use std::process::{Command, ExitCode};

use crate::arguments::Bench;
use crate::install;
use crate::process::{self, cargo, npm_run};
use crate::windows;

/// Builds the release programs and runs one bench with `arguments`.
///
/// # Errors
///
/// When what is missing cannot be installed, or a program cannot be started.
pub fn run(name: Bench, arguments: &[String]) -> Result<ExitCode, Box<dyn Error>> {
    let asked = |flag: &str| arguments.iter().any(|argument| argument == flag);
    install::for_bench(name, asked("--peer"))?;
    let mut all = builds();
    if asked("--desktop") {
        install::for_desktop()?;
        all.extend(desktop());
    }
    if asked("--wine") {
        install::for_windows()?;
        all.extend(windows::bench_programs());
    }
    for mut build in all {
        if !process::run(&mut build)?.success() {
            return Ok(ExitCode::FAILURE);
        }
    }
    let bench = process::run(command(name).args(arguments))?;
    Ok(process::same_exit_code(bench))
}

/// What the benches start: the agent as it is shipped, the virtual reader, and the floor of `poll`.
pub fn builds() -> Vec<Command> {
    [
        "cardea --bin cardea",
        "virtual-reader",
        "cardea-local-api --example poll-floor",
    ]
    .into_iter()
    .map(|what| {
        let mut build = cargo();
        build
            .args(["build", "--release", "--package"])
            .args(what.split(' '));
        build
    })
    .collect()
}

/// What `footprint --desktop` starts, with the page in it.
pub fn desktop() -> [Command; 2] {
    let mut build = cargo();
    build.args(["build", "--release", "--package", "cardea-desktop"]);
    [npm_run("build", "ui"), build]
}

/// The bench itself; arguments added here are its own.
pub fn command(name: Bench) -> Command {
    let mut bench = cargo();
    bench
        .args([
            "run",
            "--release",
            "--package",
            "end-to-end",
            "--bin",
            "bench",
            "--",
        ])
        .arg(name.name());
    bench
}
