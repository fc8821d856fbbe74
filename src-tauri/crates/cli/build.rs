//! Names compiler and standard library for `--version`, and gives programs for Windows their
//! resources: version, icon, manifest, messages of the Event Log.

use std::env;
use std::error::Error;
use std::path::PathBuf;
use std::process::Command;

/// Makes the message table and a resource file that names it.
const WINDMC: &str = "x86_64-w64-mingw32-windmc";
/// Makes resources into an object for the linker.
const WINDRES: &str = "x86_64-w64-mingw32-windres";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-env=CARDEA_VERSION={}", version()?);
    if env::var("CARGO_CFG_WINDOWS").is_ok() {
        println!("cargo::rustc-link-arg-bins={}", resources()?.display());
    }
    Ok(())
}

/// As `--version` shows it. Whoever builds the standard library from source says its version by
/// `CARDEA_STD`; else it came with the compiler.
fn version() -> Result<String, Box<dyn Error>> {
    println!("cargo::rerun-if-env-changed=CARDEA_STD");
    let compiler = Command::new(env::var("RUSTC")?).arg("--version").output()?;
    let compiler = String::from_utf8(compiler.stdout)?;
    let compiler = compiler.split(' ').nth(1).ok_or("rustc has no version")?;
    let std = env::var("CARDEA_STD").unwrap_or_else(|_| compiler.to_owned());
    Ok(format!(
        "{} ({}, rustc {compiler}, std {std})",
        env::var("CARGO_PKG_VERSION")?,
        env::var("TARGET")?
    ))
}

fn resources() -> Result<PathBuf, Box<dyn Error>> {
    let [major, minor, patch] = ["MAJOR", "MINOR", "PATCH"]
        .map(|part| env::var(format!("CARGO_PKG_VERSION_{part}")).unwrap_or_default());
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let object = out.join("resources.o");
    for folder in ["windows", "../../icons"] {
        println!("cargo::rerun-if-changed={folder}");
    }
    let mut windmc = Command::new(WINDMC);
    windmc.arg("-h").arg(&out).arg("-r").arg(&out);
    run(windmc.arg("windows/messages.mc"))?;
    let mut windres = Command::new(WINDRES);
    windres
        .arg("--include-dir")
        .arg(&out)
        .args(["--include-dir", "windows", "--include-dir", "../../icons"])
        .arg(format!("-DVERSION_NUMBERS={major},{minor},{patch},0"))
        .arg(format!(
            "-DVERSION_TEXT=\\\"{}\\\"",
            env::var("CARGO_PKG_VERSION")?
        ))
        .args([
            "--input",
            "windows/cardea.rc",
            "--output-format",
            "coff",
            "--output",
        ])
        .arg(&object);
    run(&mut windres)?;
    Ok(object)
}

fn run(command: &mut Command) -> Result<(), Box<dyn Error>> {
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command.status().map_err(|error| {
        format!("{program}: {error}. Run: apt-get install binutils-mingw-w64-x86-64")
    })?;
    if !status.success() {
        return Err(format!("{program} failed: {status}").into());
    }
    Ok(())
}
