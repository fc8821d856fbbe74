//! Debian packages, by apt-get, as root or through sudo.

use std::io::IsTerminal;
use std::process::Command;

use super::{Missing, run};
use crate::process::{output_of, succeeds};

/// Installs those of `packages` that are missing.
pub fn install(what_for: &str, packages: &[&str]) -> Result<(), Missing> {
    let list = output_of(Command::new("dpkg-query").args([
        "--show",
        "--showformat",
        "${Package} ${Status}\n",
    ]));
    if list.is_empty() {
        eprintln!(
            "This is no Debian system: what {what_for} needs has to be there already ({}).",
            packages.join(", ")
        );
        return Ok(());
    }
    let missing = missing(packages, &list);
    if missing.is_empty() {
        return Ok(());
    }
    eprintln!(
        "Installing Debian packages for {what_for}: {}",
        missing.join(", ")
    );
    let unavailable = |Missing(why)| {
        Missing(format!(
            "{why}\nInstall by hand: apt-get install {}",
            missing.join(" ")
        ))
    };
    run(apt_get()?.arg("update")).map_err(unavailable)?;
    run(apt_get()?
        .args(["install", "--yes", "--no-install-recommends"])
        .args(&missing))
    .map_err(unavailable)
}

/// Those of `packages` that the listing does not call installed.
fn missing<'a>(packages: &[&'a str], list: &str) -> Vec<&'a str> {
    let mut missing = packages
        .iter()
        .copied()
        .filter(|package| !list.lines().any(|line| is_installed(line, package)))
        .collect::<Vec<_>>();
    missing.sort_unstable();
    missing.dedup();
    missing
}

fn is_installed(line: &str, package: &str) -> bool {
    line.split_once(' ')
        .is_some_and(|(name, status)| name == package && status.ends_with("ok installed"))
}

/// apt-get with the right to install; it asks nothing and waits for another one to finish.
fn apt_get() -> Result<Command, Missing> {
    let is_root = output_of(Command::new("id").arg("-u")).trim() == "0";
    let mut command = if is_root {
        Command::new("env")
    } else if std::io::stdin().is_terminal() && succeeds(Command::new("sudo").arg("--version")) {
        let mut sudo = Command::new("sudo");
        sudo.arg("env");
        sudo
    } else if succeeds(Command::new("sudo").args(["--non-interactive", "true"])) {
        let mut sudo = Command::new("sudo");
        sudo.args(["--non-interactive", "env"]);
        sudo
    } else {
        return Err(Missing(
            "neither root nor sudo: packages cannot be installed".into(),
        ));
    };
    command.args([
        "DEBIAN_FRONTEND=noninteractive",
        "apt-get",
        "-o",
        "DPkg::Lock::Timeout=120",
    ]);
    Ok(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_fully_installed_counts() {
        let list = "gcc install ok installed\n\
                    pcscd deinstall ok config-files\n\
                    wrk hold ok installed\n\
                    gcc-12 install ok installed\n";
        assert_eq!(
            missing(&["wrk", "pcscd", "gcc", "iproute2"], list),
            ["iproute2", "pcscd"]
        );
    }

    #[test]
    fn a_package_is_named_once() {
        assert_eq!(missing(&["pcscd", "pcscd"], ""), ["pcscd"]);
    }
}
