//! Node's packages for the test provider, the browser, the TypeScript client and the window's page;
//! Node itself is the developer's.

use std::fs;
use std::process::Command;
use std::time::SystemTime;

use super::{Missing, run};
use crate::process::{output_of, root};

const OLDEST: u32 = 20;

/// Where Node packages are, and what for.
type Folder = (&'static str, &'static str);

/// The window's page, which the desktop does not compile without.
pub const PAGE: &[Folder] = &[WINDOW];

/// Everything.
pub const ALL: &[Folder] = &[
    (
        "tests/provider",
        "the test provider's Node packages: oidc-provider, playwright-core",
    ),
    (
        "src-tauri/clients/typescript",
        "the TypeScript client's Node packages: typescript, @types/node",
    ),
    WINDOW,
];

const WINDOW: Folder = (
    "ui",
    "the window's Node packages: svelte, vite, nhsuk-frontend, axe-core, playwright-core and others",
);

/// Installs the packages as their lock files name them, where those have changed.
pub fn install_packages(folders: &[Folder]) -> Result<(), Missing> {
    let version = output_of(Command::new("node").arg("--version"));
    if major(&version).is_none_or(|major| major < OLDEST) {
        return Err(Missing(format!(
            "Node.js {OLDEST} or newer is needed for the test provider, the TypeScript client and \
             the window's page (found: {}); see https://nodejs.org",
            if version.is_empty() {
                "none"
            } else {
                version.trim()
            },
        )));
    }
    for (folder, what) in folders {
        let folder = root().join(folder);
        let changed = |file: &str| -> Option<SystemTime> {
            fs::metadata(folder.join(file))
                .and_then(|file| file.modified())
                .ok()
        };
        if changed("node_modules/.package-lock.json") > changed("package-lock.json") {
            continue;
        }
        eprintln!("Installing {what}");
        run(Command::new("npm").arg("ci").current_dir(folder))?;
    }
    Ok(())
}

fn major(version: &str) -> Option<u32> {
    version
        .trim()
        .strip_prefix('v')?
        .split('.')
        .next()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read() {
        assert_eq!(major("v20.20.2\n"), Some(20));
        assert_eq!(major(""), None);
        assert_eq!(major("not found"), None);
    }
}
