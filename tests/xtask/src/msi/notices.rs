//! The licences of what others wrote, with their texts.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;

use super::packages::Package;

/// How the files are named that packages bring their licences in.
const NAMES: [&str; 6] = [
    "licen",
    "copying",
    "notice",
    "copyright",
    "unlicense",
    "authors",
];

/// What belongs to the standard library and to what it is linked with.
const SYSTEM: [(&str, &str); 2] = [
    (
        "the Rust standard library",
        "/usr/share/doc/rustc-web/copyright",
    ),
    ("mingw-w64", "/usr/share/doc/mingw-w64-common/copyright"),
];

/// Every package with its licence, and then each text once, with whose it is.
pub(super) fn write(packages: &[Package]) -> Result<String, Box<dyn Error>> {
    let read = |(name, file): &(&'static str, &str)| {
        let text = fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
        Ok((*name, text))
    };
    let system: Result<Vec<_>, Box<dyn Error>> = SYSTEM.iter().map(read).collect();
    put_together(packages, system?)
}

fn put_together(
    packages: &[Package],
    system: Vec<(&str, String)>,
) -> Result<String, Box<dyn Error>> {
    let mut list = String::new();
    let mut texts = BTreeMap::<String, Vec<String>>::new();
    for package in packages.iter().filter(|package| package.checksum.is_some()) {
        let (id, licence) = (package.id(), &package.licence);
        let found = texts_in(&package.folder)?;
        let none = if found.is_empty() {
            "; its package has no text"
        } else {
            ""
        };
        list.push_str(&format!("{id}: {licence}{none}\n"));
        for text in found {
            texts.entry(text).or_default().push(id.clone());
        }
    }
    for (name, text) in system {
        list.push_str(&format!(
            "{name}: see below
"
        ));
        texts.entry(text).or_default().push(name.to_owned());
    }
    let texts: String = texts
        .into_iter()
        .map(|(text, whose)| {
            let whose = whose.join(", ");
            format!("\n{}\n{whose}\n\n{}\n", "-".repeat(80), text.trim_end())
        })
        .collect();
    let notices = format!("Cardea contains what others wrote:\n\n{list}{texts}");
    Ok(notices.replace("\r\n", "\n").replace('\n', "\r\n"))
}

fn texts_in(folder: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = name.to_ascii_lowercase();
        if path.is_file() && NAMES.iter().any(|start| name.starts_with(start)) {
            files.push(path);
        }
    }
    files.sort();
    let text = |path: &std::path::PathBuf| {
        let bytes = fs::read(path)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    files.iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::msi::options::Contents;
    use crate::msi::packages::linked;

    #[test]
    fn every_package_of_others_is_named_and_most_bring_their_text() {
        let packages = linked(Contents::AgentOnly).unwrap();
        let notices = put_together(&packages, Vec::new()).unwrap();
        let others = packages.iter().filter(|package| package.checksum.is_some());
        for package in others.clone() {
            assert!(
                notices.contains(&format!("\n{}: ", package.id())),
                "{}",
                package.id()
            );
        }
        assert!(!notices.contains("cardea-agent"));
        let without = notices.matches("has no text").count();
        assert!(without * 5 < others.count(), "{without} have no text");
    }
}
