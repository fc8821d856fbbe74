//! The files by which IT sets policy, in `installer/policy`: made of the definitions of the
//! settings, compared by a test, written anew by `UPDATE=1 cargo test -p cardea-agent policy_files`.

mod adml;
mod admx;
mod checks;
mod intune;
mod policies;
mod registry_file;
mod xml;

use std::fs;
use std::path::{Path, PathBuf};

use policies::policies;

/// Where the settings of a policy are read, without the hive.
const KEY: &str = r"Software\Policies\Cardea";

/// How many programs, and how many kinds of cards, the template has a policy for. It cannot make
/// subkeys of any name; whoever needs more writes the registry.
const SLOTS: usize = 10;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../installer/policy")
}

/// Each file, by its name below that folder.
fn files() -> [(&'static str, String); 4] {
    let policies = policies();
    [
        ("cardea.admx", admx::write(&policies)),
        ("en-GB/cardea.adml", adml::write(&policies)),
        ("intune.md", intune::write(&policies)),
        ("sample.reg", registry_file::write()),
    ]
}

#[test]
fn the_files_are_as_the_settings_are_defined() {
    for (name, wanted) in files() {
        let path = folder().join(name);
        if std::env::var_os("UPDATE").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, wanted).unwrap();
            continue;
        }
        let found = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            found == wanted,
            "installer/policy/{name} is not what the settings say; \
             UPDATE=1 cargo test -p cardea-agent policy_files writes it anew"
        );
    }
}
