//! The packages that are in the window's page, as its build has listed them (`ui/packages.js`).

use std::error::Error;
use std::fs;

use super::packages::{Checksum, NPM, Package};
use crate::process::root;

/// Every package in the page that was built last, sorted by name.
pub(super) fn in_page() -> Result<Vec<Package>, Box<dyn Error>> {
    let list = root().join("ui/dist-packages.tsv");
    let list = fs::read_to_string(&list)
        .map_err(|error| format!("{}: {error}: build the page first", list.display()))?;
    list.lines().map(read).collect()
}

fn read(line: &str) -> Result<Package, Box<dyn Error>> {
    let columns: Vec<_> = line.split('\t').collect();
    let [name, version, licence, sha512] = columns[..] else {
        return Err(format!("ui/dist-packages.tsv: {line:?} has not four columns").into());
    };
    Ok(Package {
        name: format!("{NPM}{name}"),
        version: version.to_owned(),
        licence: licence.to_owned(),
        needs: Vec::new(),
        checksum: Some(Checksum {
            algorithm: "SHA-512",
            content: sha512.to_owned(),
        }),
        folder: root().join("ui/node_modules").join(name),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_package_with_its_folder() {
        let package = read("@a/b\t1.2.3\tMIT\t00ff").unwrap();
        assert_eq!(package.id(), "npm:@a/b@1.2.3");
        assert_eq!(package.checksum.unwrap().content, "00ff");
        assert!(package.folder.ends_with("ui/node_modules/@a/b"));
        assert!(read("a\t1.2.3\tMIT").is_err());
    }

    #[test]
    fn what_the_page_is_made_of_is_listed_with_its_licences() {
        let packages = in_page().unwrap();
        for name in ["npm:svelte", "npm:nhsuk-frontend", "npm:@tauri-apps/api"] {
            let package = packages
                .iter()
                .find(|package| package.name == name)
                .unwrap();
            assert!(package.folder.join("package.json").exists(), "{name}");
            assert!(!package.licence.is_empty(), "{name}");
        }
        // What only builds or tests the page is not in it.
        let tools = [
            "npm:vite",
            "npm:sass",
            "npm:axe-core",
            "npm:playwright-core",
        ];
        assert!(
            packages
                .iter()
                .all(|package| !tools.contains(&&*package.name))
        );
    }
}
