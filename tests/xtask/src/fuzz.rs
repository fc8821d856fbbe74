//! The fuzz targets of `tests/fuzz`, run by libFuzzer. The code under test is compiled so that the
//! fuzzer sees which of it an input reaches; that takes no more than the compiler of the workspace.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use crate::install;
use crate::process::{self, cargo, root};

/// A target triple of its own keeps build scripts and macros out of it.
const TRIPLE: &str = "x86_64-unknown-linux-gnu";

/// How `cargo fuzz` has code counted, without a sanitizer.
const RUSTFLAGS: &[&str] = &[
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];

/// What no input may need more of: megabytes, seconds; and how long one may be, in bytes.
const LIMITS: &[&str] = &["-rss_limit_mb=1024", "-timeout=10", "-max_len=4096"];

/// In a long run each target has a minute.
const A_MINUTE: &[&str] = &["-max_total_time=60", "-print_final_stats=1", "-verbosity=0"];

/// Runs one target from its corpus on. What reaches new code is kept in `target/fuzz/corpus`.
///
/// # Errors
/// When what is missing cannot be installed, there is no such target, or a program cannot be started.
pub fn run(target: &str, arguments: &[String]) -> Result<ExitCode, Box<dyn Error>> {
    if !targets().iter().any(|known| known == target) {
        return Err(format!("unknown target; there are {}", targets().join(", ")).into());
    }
    install::for_fuzzing()?;
    if !process::run(&mut build())?.success() {
        return Ok(ExitCode::FAILURE);
    }
    let (new, found) = (folder("corpus", target), folder("found", target));
    fs::create_dir_all(root().join(&new))?;
    fs::create_dir_all(root().join(&found))?;
    let mut fuzzer = Command::new(out().join(TRIPLE).join("fuzz/fuzz"));
    fuzzer
        .current_dir(root())
        .env("FUZZ_TARGET", target)
        .args(LIMITS)
        .arg("-dict=tests/fuzz/dictionary")
        .arg(format!("-artifact_prefix={}/", found.display()))
        .args(arguments)
        .args([&new, &corpora().join(target)]);
    let status = process::run(&mut fuzzer)?;
    if !status.success() {
        eprintln!(
            "\nThe input is in {}. Run it again, without the fuzzer:\n\
             cargo run -p fuzz -- {target} FILE",
            found.display()
        );
    }
    Ok(process::same_exit_code(status))
}

/// Each target for a minute, by this program.
pub fn all_for_a_minute() -> Vec<Command> {
    let program = std::env::current_exe().unwrap_or_default();
    let targets = targets().into_iter().map(|target| {
        let mut command = Command::new(&program);
        command.arg("fuzz").arg(target).args(A_MINUTE);
        command
    });
    targets.collect()
}

fn build() -> Command {
    let mut command = cargo();
    command
        .args(["build", "--package", "fuzz", "--bin", "fuzz"])
        .args(["--profile", "fuzz", "--target", TRIPLE])
        .env("CARGO_TARGET_DIR", out())
        .env("RUSTFLAGS", RUSTFLAGS.join(" "));
    command
}

/// The targets there are, each with a corpus of its name.
fn targets() -> Vec<String> {
    let folders = fs::read_dir(corpora()).into_iter().flatten();
    let names = folders.filter_map(|folder| folder.ok()?.file_name().into_string().ok());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

fn corpora() -> PathBuf {
    root().join("tests/fuzz/corpus")
}

/// Below the root, which the fuzzer runs in.
fn folder(what: &str, target: &str) -> PathBuf {
    Path::new("target/fuzz").join(what).join(target)
}

fn out() -> PathBuf {
    root().join("target/fuzz")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_that_is_to_be_fuzzed_runs_for_a_minute() {
        let commands = all_for_a_minute();
        let targets = [
            "callback",
            "discovery",
            "id_token",
            "logout_token",
            "settings",
            "userinfo",
        ];
        assert_eq!(commands.len(), targets.len());
        for (command, target) in commands.iter().zip(targets) {
            let arguments: Vec<_> = command.get_args().collect();
            assert!(arguments.starts_with(&["fuzz".as_ref(), target.as_ref()]));
            assert!(arguments.contains(&"-max_total_time=60".as_ref()));
        }
    }
}
