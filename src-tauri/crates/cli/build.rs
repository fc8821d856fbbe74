//! Gives the programs for Windows their resources: the messages that the Event Log shows.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Debian's tools for Windows resources: package binutils-mingw-w64-x86-64.
const MESSAGE_COMPILER: &str = "x86_64-w64-mingw32-windmc";
const RESOURCE_COMPILER: &str = "x86_64-w64-mingw32-windres";

const MESSAGES: &str = "windows/messages.mc";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={MESSAGES}");
    if env::var_os("CARGO_CFG_WINDOWS").is_none() {
        return Ok(());
    }
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let object = messages(&out)?;
    println!("cargo::rustc-link-arg-bins={}", object.display());
    Ok(())
}

/// Makes an object of the message table.
fn messages(out: &Path) -> Result<PathBuf, Box<dyn std::error::Error>> {
    let mut compiler = Command::new(MESSAGE_COMPILER);
    run(compiler.arg("-h").arg(out).arg("-r").arg(out).arg(MESSAGES))?;
    let object = out.join("messages.o");
    let mut compiler = Command::new(RESOURCE_COMPILER);
    // The resource names the file of messages without its folder.
    compiler.arg("--include-dir").arg(out);
    run(compiler.arg(out.join("messages.rc")).arg(&object))?;
    Ok(object)
}

fn run(command: &mut Command) -> Result<(), Box<dyn std::error::Error>> {
    let program = command.get_program().to_owned();
    let status = command
        .status()
        .map_err(|error| format!("{}: {error}", program.display()))?;
    if !status.success() {
        return Err(format!("{}: {status}", program.display()).into());
    }
    Ok(())
}
