//! The programs under test, built once per run in the profile of the tests.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use anyhow::Result;
use tempfile::TempDir;

/// The folder with the built programs, those of the profile that this one is built with; builds
/// them first.
fn built() -> &'static PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        build("--package cardea --bin cardea");
        build("--package cardea-broker");
        build("--package virtual-reader");
        if !is_release() {
            build("--package cardea --features simulator --bin cardea-dev");
        }
        this_folder()
    })
}

fn is_release() -> bool {
    this_folder().ends_with("release")
}

fn build(arguments: &str) {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["build", "--quiet", "--locked"])
        .args(is_release().then_some("--release"))
        .args(arguments.split(' '))
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .status()
        .unwrap();
    assert!(status.success(), "cargo build {arguments}");
}

/// The folder that programs of this profile are built in: …/target/debug for …/target/debug/deps/end_to_end-….
pub fn this_folder() -> PathBuf {
    let this = std::env::current_exe().unwrap();
    let folder = this.parent().unwrap();
    if folder.ends_with("deps") {
        return folder.parent().unwrap().to_owned();
    }
    folder.to_owned()
}

/// The shipped program.
pub fn cardea() -> PathBuf {
    built().join("cardea")
}

/// A copy of it where every user can run it: `cardea` in this folder.
pub fn cardea_for_everybody() -> Result<TempDir> {
    let folder = tempfile::Builder::new().prefix("cardea-bin-").tempdir()?;
    std::fs::set_permissions(folder.path(), Permissions::from_mode(0o755))?;
    std::fs::copy(cardea(), folder.path().join("cardea"))?;
    Ok(folder)
}

/// The broker.
pub fn cardea_broker() -> PathBuf {
    built().join("cardea-broker")
}

/// Tray and window; they take the page, which has to be built before.
pub fn cardea_desktop() -> PathBuf {
    static BUILT: OnceLock<()> = OnceLock::new();
    BUILT.get_or_init(|| build("--package cardea-desktop"));
    built().join("cardea-desktop")
}

/// The developers' program, with the simulated card and provider.
pub fn cardea_dev() -> PathBuf {
    built().join("cardea-dev")
}
