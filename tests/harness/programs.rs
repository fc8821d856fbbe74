//! The programs under test, built once per run in the profile of the tests.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

/// The folder with the built programs; builds them first.
fn built() -> &'static PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let build = |arguments: &[&str]| {
            let status = Command::new(&cargo)
                .args(["build", "--quiet", "--locked"])
                .args(arguments)
                .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
                .status()
                .unwrap();
            assert!(status.success(), "cargo build {arguments:?}");
        };
        build(&["--package", "cardea", "--bin", "cardea"]);
        build(&[
            "--package",
            "cardea",
            "--features",
            "simulator",
            "--bin",
            "cardea-dev",
        ]);
        build(&["--package", "virtual-reader"]);
        // …/target/debug/deps/end_to_end-… → …/target/debug
        let this = std::env::current_exe().unwrap();
        this.parent()
            .and_then(|deps| deps.parent())
            .unwrap()
            .to_owned()
    })
}

/// The shipped program.
pub fn cardea() -> PathBuf {
    built().join("cardea")
}

/// The developers' program, with the simulated card and provider.
pub fn cardea_dev() -> PathBuf {
    built().join("cardea-dev")
}
