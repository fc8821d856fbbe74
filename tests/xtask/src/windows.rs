//! What is built and run for Windows: by Debian's own compiler, which can build the standard library
//! for it from source, and under Wine.

use std::error::Error;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use crate::install;
use crate::process::{self, cargo, npm_run, output_of, root};

/// The argument by which this program is the runner of other programs for Windows.
pub const RUNNER: &str = "run-under-wine";

/// What the test of the MSI that is shipped has in its name: it needs a release, which takes minutes.
const SHIPPED: &str = "as_it_is_shipped";

/// The target that everything for Windows is built for.
pub const TARGET: &str = "x86_64-pc-windows-gnu";
const RUSTC: &str = "/usr/bin/rustc";
const CLIPPY: &str = "/usr/bin/clippy-driver";
/// Where the compiler looks for the source of the standard library.
const STD_SOURCE: &str = "/usr/lib/rustlib/src/rust";

/// What is shipped, and the simulator.
const OURS: &[&str] = &[
    "cardea",
    "cardea-agent",
    "cardea-client",
    "cardea-desktop",
    "cardea-desktop-model",
    "cardea-local-api",
    "cardea-login",
    "cardea-readers",
    "cardea-session",
    "cardea-simulator",
    "cardea-win32",
];

/// What end-to-end tests run under Wine besides what is shipped.
const TEST_PROGRAMS: &[&str] = &["reader-process", "wine-programs", "winscard"];

/// `cargo xtask windows`: builds the programs as they are shipped, and lets the agent's say what it
/// is.
///
/// # Errors
/// When what is missing cannot be installed, or a program cannot be started.
pub fn run() -> Result<ExitCode, Box<dyn Error>> {
    install::for_windows()?;
    install::for_desktop()?;
    let build = cargo_for_windows(&["build", "--release", "--bin", "cardea"], &["cardea"]);
    let desktop = cargo_for_windows(&["build", "--release"], &["cardea-desktop"]);
    for mut step in [npm_run("build", "ui"), build, desktop, wine_parts()] {
        if !process::run(&mut step)?.success() {
            return Ok(ExitCode::FAILURE);
        }
    }
    let program = release_folder().join("cardea.exe");
    let size = fs::metadata(&program)?.len();
    println!("{} ({size} bytes)", program.display());
    run_under_wine(&[program.display().to_string(), "--version".to_owned()])
}

/// Lints what there is for Windows, with warnings denied.
pub fn lints() -> Command {
    let all = [OURS, TEST_PROGRAMS].concat();
    let with_simulator = ["check", "--all-targets", "--features", "cardea/simulator"];
    let mut check = cargo_for_windows(&with_simulator, &all);
    check
        .env("RUSTC_WORKSPACE_WRAPPER", CLIPPY)
        // How `cargo clippy` hands `-D warnings` to its driver; it would take another driver.
        .env(
            "CLIPPY_ARGS",
            "-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__",
        );
    check
}

/// Runs the unit tests.
pub fn unit_tests() -> Command {
    cargo_for_windows(&["test", "--lib", "--no-fail-fast"], OURS)
}

/// Builds what the end-to-end tests run.
pub fn test_programs() -> [Command; 4] {
    // As in debug builds without our profile: it panics on codes that it does not know.
    let panicking = [
        "build",
        "--config",
        "profile.dev.package.pcsc.debug-assertions=true",
        "-Zunstable-options",
        "--artifact-dir",
        "target/windows/panicking",
    ];
    [
        cargo_for_windows(&panicking, &["reader-process"]),
        cargo_for_windows(&["build"], TEST_PROGRAMS),
        cargo_for_windows(&["build", "--bin", "cardea"], &["cardea"]),
        cargo_for_windows(&["build"], &["cardea-desktop"]),
    ]
}

/// Builds what the benches run.
pub fn bench_programs() -> [Command; 3] {
    [
        wine_parts(),
        cargo_for_windows(&["build", "--release"], &["wine-programs", "winscard"]),
        cargo_for_windows(&["build", "--release", "--bin", "cardea"], &["cardea"]),
    ]
}

/// Runs the end-to-end tests of the programs for Windows.
pub fn end_to_end_tests() -> Command {
    let mut test = ignored_tests("windows::");
    test.args(["--skip", SHIPPED]);
    test
}

/// Runs those end-to-end tests that need more than others, by a part of their names.
fn ignored_tests(name: &str) -> Command {
    let mut test = cargo();
    test.args(["test", "--workspace", "--test", "end-to-end"])
        .args(["--no-fail-fast", "--", "--ignored", name]);
    test
}

/// Builds the MSI that is shipped, and installs it.
pub fn shipped_package() -> [Command; 2] {
    [xtask(&["msi"]), ignored_tests(SHIPPED)]
}

/// Makes what programs need beside them under Wine.
pub fn wine_parts() -> Command {
    let mut compiler = Command::new("x86_64-w64-mingw32-gcc");
    compiler
        .args(["-shared", "-O2", "-o"])
        .arg(target_folder().join("bcryptprimitives.dll"))
        .arg(root().join("tests/wine/bcryptprimitives.c"))
        .arg("-ladvapi32");
    compiler
}

/// Compares the tables of the MSI with those that are checked in.
pub fn msi_tables() -> Command {
    let mut test = cargo();
    test.args(["test", "--package", "xtask", "--", "--ignored", "msi"]);
    test
}

/// Makes the MSIs that the end-to-end tests install.
pub fn test_packages() -> Command {
    xtask(&["msi", "--for-tests"])
}

/// This very program.
fn xtask(arguments: &[&str]) -> Command {
    let mut xtask = Command::new(std::env::current_exe().unwrap_or_default());
    xtask.args(arguments);
    xtask
}

/// Lets programs have windows under Wine without a screen: with a driver that shows nothing.
pub fn wine_desktop() -> Command {
    let mut set = in_prefix("wine");
    set.args(["reg", "add", r"HKCU\Software\Wine\Drivers", "/f"])
        .args(["/v", "Graphics", "/d", "null"]);
    set
}

/// Says why the compiler and the source of the standard library do not fit together.
///
/// # Errors
/// When they do not, with what to do.
pub fn check_compiler() -> Result<(), String> {
    let compiler = output_of(Command::new(RUSTC).arg("--version"));
    let source = fs::read_link(STD_SOURCE)
        .map_err(|error| format!("{STD_SOURCE}: {error}; install rust-web-src"))?;
    fits(&compiler, &source)
}

/// The version of the standard library's source, which Debian has in a folder of that name.
pub fn std_version() -> String {
    let source = fs::read_link(STD_SOURCE).unwrap_or_default();
    let name = source.file_name().unwrap_or_default().to_string_lossy();
    name.trim_start_matches("rustc-").to_owned()
}

fn fits(compiler: &str, source: &Path) -> Result<(), String> {
    let version = compiler.split(' ').nth(1).unwrap_or_default();
    let name = source.file_name().unwrap_or_default().to_string_lossy();
    if !version.is_empty() && name == format!("rustc-{version}") {
        return Ok(());
    }
    Err(format!(
        "{RUSTC} is version {version:?}, and the source of the standard library is {name:?}: both \
         have to be of one version. Run: apt-get install rustc-web rust-web-src"
    ))
}

/// Runs a program for Windows with its arguments: cargo's runner. Each has a server of Wine's to
/// itself: one that ends with the program before breaks the connection of the next.
///
/// # Errors
/// When Wine cannot be started, or what it needs cannot be put beside the program.
pub fn run_under_wine(arguments: &[String]) -> Result<ExitCode, Box<dyn Error>> {
    let program = arguments.first().ok_or("no program given")?;
    let beside = Path::new(program).with_file_name("bcryptprimitives.dll");
    fs::copy(target_folder().join("bcryptprimitives.dll"), beside)?;
    end_wine()?;
    let status = in_prefix("wine")
        .args(arguments)
        .env("INSTA_WORKSPACE_ROOT", format!("Z:{}", root().display()))
        .status()?;
    end_wine()?;
    Ok(process::same_exit_code(status))
}

/// Ends what runs under Wine, and waits until it has.
fn end_wine() -> io::Result<()> {
    let mut server = in_prefix("wineserver");
    let _none_ran = server.args(["-k", "-w"]).stderr(Stdio::null()).status()?;
    Ok(())
}

/// One of Wine's programs, quiet and in our own prefix.
fn in_prefix(program: &str) -> Command {
    let mut command = Command::new(program);
    command
        .env("WINEDEBUG", "-all")
        .env("WINEPREFIX", target_folder().join("wine"));
    command
}

fn cargo_for_windows(arguments: &[&str], packages: &[&str]) -> Command {
    let mut command = cargo();
    command
        .args(arguments)
        .args(["-Zbuild-std=std,panic_unwind,test", "--target", TARGET])
        .args(packages.iter().flat_map(|package| ["--package", package]))
        .env("RUSTC", RUSTC)
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARDEA_STD", std_version())
        // Another compiler's work must not stand in the place of ours.
        .env("CARGO_TARGET_DIR", target_folder())
        // aws-lc ships its assembler code for Windows assembled, too.
        .env("AWS_LC_SYS_PREBUILT_NASM", "1")
        .env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER", runner());
    command
}

/// This program, as the runner.
fn runner() -> String {
    let this = std::env::current_exe().unwrap_or_default();
    format!("{} {RUNNER}", this.display())
}

/// Where the programs are as they are shipped.
pub fn release_folder() -> PathBuf {
    target_folder().join(TARGET).join("release")
}

/// Where the programs for tests are.
pub fn debug_folder() -> PathBuf {
    target_folder().join(TARGET).join("debug")
}

fn target_folder() -> PathBuf {
    root().join("target/windows")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compiler_and_source_of_one_version_fit() {
        let compiler = "rustc 1.96.0 (ac68faa20 2026-05-25) (built from a source tarball)";
        assert_eq!(fits(compiler, Path::new("/usr/src/rustc-1.96.0")), Ok(()));
        let other = fits(compiler, Path::new("/usr/src/rustc-1.95.0")).unwrap_err();
        assert!(
            other.contains("1.96.0") && other.contains("1.95.0"),
            "{other}"
        );
        assert!(fits("", Path::new("/usr/src/rustc-1.96.0")).is_err());
    }
}
