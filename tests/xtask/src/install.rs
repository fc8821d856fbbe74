//! What the commands need from the machine: looked for first, installed when missing, never silently.

mod cargo_deny;
mod debian;
mod node;
mod space;

use std::fmt;
use std::io;
use std::process::Command;

use crate::arguments::{Bench, Extent};
use crate::{process, windows};

/// To compile and link: aws-lc-sys brings C code, `pcsc` links the PC/SC library.
const BUILD: &[&str] = &[
    "gcc",
    "libc6-dev",
    "libpcsclite-dev",
    "libwebkit2gtk-4.1-dev",
    "pkg-config",
];

/// A browser, another program's view of the local API, a certificate authority for a test, and
/// Debian's own virtual reader.
const END_TO_END: &[&str] = &["chromium", "curl", "openssl", "vsmartcard-vpcd"];

/// What the tray shows itself by, and a screen that nobody sees; what drives the window on it,
/// closes it and reads it aloud.
const DESKTOP: &[&str] = &[
    "at-spi2-core",
    "fonts-dejavu-core",
    "libayatana-appindicator3-1",
    "openbox",
    "webkit2gtk-driver",
    "wmctrl",
    "x11-utils",
    "xvfb",
];

/// A workstation: a PC/SC service for virtual readers, and a keystore.
const WORKSTATION: &[&str] = &[
    "dbus-daemon",
    "gnome-keyring",
    "libccid",
    "libglib2.0-bin",
    "libudev1",
    "pcscd",
];

/// The C# client: a compiler, and what runs its programs.
const MONO: &[&str] = &[
    "libmono-system-core4.0-cil",
    "libmono-system-runtime-serialization4.0-cil",
    "libmono-system-xml-linq4.0-cil",
    "mono-mcs",
    "mono-runtime",
];

/// The fuzzer's runtime is C++.
const FUZZER: &[&str] = &["g++"];

/// To build for Windows, to run what was built, and to sign a program in a test.
const WINDOWS: &[&str] = &[
    "gcc-mingw-w64-x86-64",
    "osslsigncode",
    "rust-web-clippy",
    "rust-web-src",
    "rustc-web",
    "wine",
    "wine64",
    "xdotool",
];

/// To pack the MSI; OpenSSL makes the certificates of tests.
const MSI: &[&str] = &["msitools", "openssl", "wixl"];

/// A hardware security module that is none, to sign with in a test.
const MSI_TESTS: &[&str] = &["libengine-pkcs11-openssl", "softhsm2"];

/// Something that is needed and could not be had.
#[derive(Debug)]
pub struct Missing(String);

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Missing {}

/// Everything the stages of a test run need.
///
/// # Errors
///
/// [`Missing`], with what to do about it.
pub fn for_tests(extent: Extent) -> Result<(), Missing> {
    if extent == Extent::Quick {
        debian::install("the build", BUILD)?;
        return node::install_packages(node::PAGE);
    }
    space::warn(&process::root().join("target"));
    debian::install(
        "the tests",
        &[BUILD, WORKSTATION, END_TO_END, DESKTOP, MONO].concat(),
    )?;
    for_msi()?;
    debian::install("the tests of the MSI", MSI_TESTS)?;
    node::install_packages(node::ALL)?;
    cargo_deny::install()?;
    if extent == Extent::Long {
        for_fuzzing()?;
        for bench in Bench::ALL {
            for_bench(bench, false)?;
        }
    }
    Ok(())
}

/// What it takes to build for Windows and to run what was built.
///
/// # Errors
///
/// [`Missing`], with what to do about it.
pub fn for_windows() -> Result<(), Missing> {
    debian::install("Windows", WINDOWS)?;
    windows::check_compiler().map_err(Missing)
}

/// What it takes to build the desktop, with its page, and to show it.
///
/// # Errors
///
/// [`Missing`], with what to do about it.
pub fn for_desktop() -> Result<(), Missing> {
    debian::install("the desktop", &[BUILD, DESKTOP].concat())?;
    node::install_packages(node::PAGE)
}

/// What it takes to build the MSI.
///
/// # Errors
///
/// [`Missing`], with what to do about it.
pub fn for_msi() -> Result<(), Missing> {
    for_windows()?;
    debian::install("the MSI", MSI)
}

/// What it takes to build the fuzzer.
///
/// # Errors
///
/// [`Missing`], with what to do about it.
pub fn for_fuzzing() -> Result<(), Missing> {
    debian::install("the fuzzer", &[BUILD, FUZZER].concat())
}

/// What it takes to build the developer program; it brings card and provider with it.
///
/// # Errors
///
/// [`Missing`], with what to do about it.
pub fn for_demo() -> Result<(), Missing> {
    debian::install("the demonstration", BUILD)
}

/// What one bench needs; `peer` adds the program it is compared with.
///
/// # Errors
///
/// [`Missing`], with what to do about it.
pub fn for_bench(bench: Bench, peer: bool) -> Result<(), Missing> {
    let own: &[&str] = match bench {
        Bench::Removal if peer => &["ausweisapp2"],
        Bench::Removal | Bench::Fanout | Bench::Footprint => &[],
        Bench::Poll if peer => &["ausweisapp2", "nginx-light", "util-linux", "wrk"],
        Bench::Poll => &["nginx-light", "util-linux", "wrk"],
    };
    debian::install("the bench", &[BUILD, WORKSTATION, own].concat())
}

/// Runs an installer. Its output goes to standard error: standard output belongs to the command.
fn run(installer: &mut Command) -> Result<(), Missing> {
    let shown = installer.get_program().to_string_lossy().into_owned();
    let status =
        process::run(installer.stdout(io::stderr())).map_err(|error| Missing(error.to_string()))?;
    if status.success() {
        Ok(())
    } else {
        Err(Missing(format!("{shown} failed: {status}")))
    }
}
