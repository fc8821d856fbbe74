//! The packages that are linked into what is shipped, as cargo resolves them for Windows.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use super::options::Contents;
use super::page_packages::in_page;
use super::tool::quiet;
use crate::process::{cargo, root};
use crate::windows;

/// What the names of packages from npm begin with.
pub(super) const NPM: &str = "npm:";

/// What a registry says that a package's content has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Checksum {
    /// As CycloneDX calls it.
    pub(super) algorithm: &'static str,
    /// In hexadecimal digits.
    pub(super) content: String,
}

/// One package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Package {
    /// With [`NPM`] before it, or as cargo has it.
    pub(super) name: String,
    pub(super) version: String,
    /// Its licence, as an SPDX expression; empty when it names none.
    pub(super) licence: String,
    /// The packages that it needs, as [`Package::id`] gives them.
    pub(super) needs: Vec<String>,
    /// None for our own.
    pub(super) checksum: Option<Checksum>,
    /// Its source.
    pub(super) folder: PathBuf,
}

impl Package {
    pub(super) fn id(&self) -> String {
        format!("{}@{}", self.name, self.version)
    }

    /// Whether it is one of those that the MSI is made for.
    pub(super) fn is_program(&self) -> bool {
        ["cardea", "cardea-desktop"].contains(&&*self.name)
    }
}

/// Every package that is linked into the programs, sorted by name, and behind them those in the
/// window's page. Macros and build scripts are not.
pub(super) fn linked(contents: Contents) -> Result<Vec<Package>, Box<dyn Error>> {
    let mut tree = cargo();
    tree.args(["tree", "--quiet", "--locked", "--target", windows::TARGET])
        .args(["--edges", "normal,no-proc-macro", "--prefix", "depth"])
        .args(["--format", "{p}|{l}", "--package", "cardea"]);
    if contents == Contents::WithDesktop {
        tree.args(["--package", "cardea-desktop"]);
    }
    let mut packages = read(&quiet(&mut tree)?);
    let checksums = checksums(&fs::read_to_string(root().join("Cargo.lock"))?);
    let mut metadata = cargo();
    metadata.args(["metadata", "--quiet", "--locked", "--format-version", "1"]);
    metadata.args(["--filter-platform", windows::TARGET]);
    let folders = folders(&quiet(&mut metadata)?);
    for package in &mut packages {
        let id = package.id();
        package.checksum = checksums.get(&id).cloned();
        let folder = match package.checksum {
            Some(_) => folders.get(&format!("{}-{}", package.name, package.version)),
            None => continue,
        };
        package.folder = folder.ok_or(format!("{id}: where is its source?"))?.clone();
    }
    let desktop = packages
        .iter_mut()
        .find(|package| package.name == "cardea-desktop");
    if let Some(desktop) = desktop {
        let page = in_page()?;
        desktop.needs.extend(page.iter().map(Package::id));
        packages.extend(page);
    }
    Ok(packages)
}

/// Reads what `cargo tree` writes: depth, name, version and licence, and `(*)` where what is below
/// was written before.
fn read(tree: &str) -> Vec<Package> {
    let mut packages = BTreeMap::<String, Package>::new();
    // Whose needs are being listed, by depth.
    let mut above = Vec::<String>::new();
    for line in tree.lines() {
        let digits = line.bytes().take_while(u8::is_ascii_digit).count();
        let Ok(depth) = line[..digits].parse::<usize>() else {
            continue;
        };
        let (package, licence) = line[digits..].split_once('|').unwrap_or((line, ""));
        let mut words = package.split(' ');
        let name = words.next().unwrap_or_default();
        let version = words.next().unwrap_or_default().trim_start_matches('v');
        let licence = licence.trim_end_matches("(*)").trim().replace('/', " OR ");
        let package = Package {
            name: name.to_owned(),
            version: version.to_owned(),
            licence,
            needs: Vec::new(),
            checksum: None,
            folder: PathBuf::new(),
        };
        let id = package.id();
        above.truncate(depth);
        if let Some(needing) = above.last().and_then(|above| packages.get_mut(above))
            && !needing.needs.contains(&id)
        {
            needing.needs.push(id.clone());
        }
        packages.entry(id.clone()).or_insert(package);
        above.push(id);
    }
    packages.into_values().collect()
}

/// The checksums of a lock file, by package.
fn checksums(lock: &str) -> BTreeMap<String, Checksum> {
    let field = |block: &str, name: &str| {
        let start = format!("{name} = \"");
        let line = block.lines().find_map(|line| line.strip_prefix(&start));
        line.map(|rest| rest.trim_end_matches('"').to_owned())
    };
    let blocks = lock.split("[[package]]");
    let entry = |block: &str| {
        let (name, version) = (field(block, "name")?, field(block, "version")?);
        let checksum = Checksum {
            algorithm: "SHA-256",
            content: field(block, "checksum")?,
        };
        Some((format!("{name}@{version}"), checksum))
    };
    blocks.filter_map(entry).collect()
}

/// The folders of packages by their own names, out of `cargo metadata`.
fn folders(metadata: &str) -> BTreeMap<String, PathBuf> {
    let manifests = metadata.split(r#""manifest_path":""#).skip(1);
    let folder = |rest: &str| {
        let manifest = rest.split('"').next()?;
        let folder = Path::new(manifest).parent()?;
        Some((folder.file_name()?.to_str()?.to_owned(), folder.to_owned()))
    };
    manifests.filter_map(folder).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_says_who_needs_whom() {
        let packages = read(
            "0cardea v0.1.0 (/here/cli)|Apache-2.0\n1a v1.0.0|MIT/Apache-2.0\n2b v2.0.0+x|ISC\n\
             1b v2.0.0+x|ISC (*)\n\n0cardea-desktop v0.1.0 (/here)|Apache-2.0\n1a v1.0.0|MIT (*)\n",
        );
        let needs: Vec<_> = packages
            .iter()
            .map(|package| (package.id(), package.needs.clone()))
            .collect();
        let list = |ids: &[&str]| ids.iter().map(|&id| id.to_owned()).collect::<Vec<_>>();
        assert_eq!(
            needs,
            [
                ("a@1.0.0".to_owned(), list(&["b@2.0.0+x"])),
                ("b@2.0.0+x".to_owned(), list(&[])),
                ("cardea-desktop@0.1.0".to_owned(), list(&["a@1.0.0"])),
                ("cardea@0.1.0".to_owned(), list(&["a@1.0.0", "b@2.0.0+x"])),
            ]
        );
        assert_eq!(packages[0].licence, "MIT OR Apache-2.0");
    }

    #[test]
    fn what_is_linked_has_a_source_and_no_simulator() {
        let packages = linked(Contents::AgentOnly).unwrap();
        let named = |name: &str| packages.iter().find(|package| package.name == name);
        assert!(named("cardea-agent").unwrap().checksum.is_none());
        assert!(named("cardea-simulator").is_none());
        assert!(named("serde_derive").is_none(), "a macro");
        assert!(named("zbus").is_none(), "not for Windows");
        let rustls = named("rustls").unwrap();
        assert_eq!(rustls.checksum.as_ref().unwrap().content.len(), 64);
        assert!(rustls.folder.join("Cargo.toml").exists());
        for package in &packages {
            assert!(!package.licence.is_empty(), "{}", package.id());
        }
    }
}
