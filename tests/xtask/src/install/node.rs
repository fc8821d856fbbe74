//! Node's packages for the test provider and the browser; Node itself is the developer's.

use std::fs;
use std::process::Command;
use std::time::SystemTime;

use super::{Missing, run};
use crate::process::{output_of, root};

const OLDEST: u32 = 20;

/// Installs the packages of `tests/provider` as its lock file names them, when that has changed.
pub fn install_provider() -> Result<(), Missing> {
    let version = output_of(Command::new("node").arg("--version"));
    if major(&version).is_none_or(|major| major < OLDEST) {
        return Err(Missing(format!(
            "Node.js {OLDEST} or newer is needed for the test provider (found: {}); \
             see https://nodejs.org",
            if version.is_empty() {
                "none"
            } else {
                version.trim()
            },
        )));
    }
    let folder = root().join("tests/provider");
    let changed = |file: &str| -> Option<SystemTime> {
        fs::metadata(folder.join(file))
            .and_then(|file| file.modified())
            .ok()
    };
    if changed("node_modules/.package-lock.json") > changed("package-lock.json") {
        return Ok(());
    }
    eprintln!("Installing the test provider's Node packages: oidc-provider, playwright-core");
    run(Command::new("npm").arg("ci").current_dir(folder))
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
