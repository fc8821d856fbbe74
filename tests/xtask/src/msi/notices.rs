//! The licences of what others wrote, with their texts.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;

use super::packages::Package;
use super::parts::Part;
use crate::process::root;

/// How the files are named that packages bring their licences in.
const NAMES: [&str; 6] = [
    "licen",
    "copying",
    "notice",
    "copyright",
    "unlicense",
    "authors",
];

/// Packages that bring no text, and where it is among ours.
const WITHOUT_TEXT: [(&str, &str); 6] = [
    ("alloc-stdlib", "alloc-stdlib.txt"),
    ("npm:nhsuk-frontend", "nhsuk-frontend.txt"),
    ("pcsc", "pcsc.txt"),
    ("pcsc-sys", "pcsc.txt"),
    ("webview2-com", "webview2-com.txt"),
    ("webview2-com-sys", "webview2-com.txt"),
];

/// Every package and part with its licence, and then each text once, with whose it is.
pub(super) fn write(packages: &[Package], parts: &[Part]) -> Result<String, Box<dyn Error>> {
    let mut list = String::new();
    let mut texts = BTreeMap::<String, Vec<String>>::new();
    for package in packages.iter().filter(|package| package.checksum.is_some()) {
        let (id, licence) = (package.id(), &package.licence);
        list.push_str(&format!("{id}: {licence}\n"));
        for text in texts_of(package)? {
            texts.entry(text).or_default().push(id.clone());
        }
    }
    for part in parts {
        let file = part.text.display();
        let text = fs::read_to_string(&part.text).map_err(|error| format!("{file}: {error}"))?;
        let id = format!("{} {}", part.name, part.version);
        list.push_str(&format!("{id}: {}\n", part.licence));
        texts.entry(text).or_default().push(id);
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

/// The texts of a package; an error when there is none, because no licence lets it be left out.
fn texts_of(package: &Package) -> Result<Vec<String>, Box<dyn Error>> {
    let found = texts_in(&package.folder)?;
    if !found.is_empty() {
        return Ok(found);
    }
    let listed = WITHOUT_TEXT.iter().find(|(name, _)| *name == package.name);
    let (_, file) = listed.ok_or_else(|| {
        let id = package.id();
        format!("{id}: neither its package nor installer/notices has the text of its licence")
    })?;
    let text = fs::read_to_string(root().join("installer/notices").join(file))?;
    Ok(vec![text])
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
    fn every_package_of_others_is_named_with_its_text() {
        let packages = linked(Contents::WithDesktop).unwrap();
        let microsofts = Part {
            name: "WebView2Loader",
            version: "1.0.0.0".to_owned(),
            licence: "BSD-3-Clause",
            text: root().join("installer/notices/webview2-loader.txt"),
        };
        let notices = write(&packages, &[microsofts]).unwrap();
        let others = packages.iter().filter(|package| package.checksum.is_some());
        for package in others {
            assert!(
                notices.contains(&format!("\n{}: ", package.id())),
                "{}",
                package.id()
            );
        }
        assert!(!notices.contains("cardea-agent"));
        assert!(notices.contains("\nWebView2Loader 1.0.0.0: BSD-3-Clause\r\n"));
        assert!(notices.contains("The name of Microsoft Corporation"));
    }

    #[test]
    fn a_package_without_a_text_is_refused_when_there_is_none_of_ours() {
        let mut package = linked(Contents::AgentOnly).unwrap().swap_remove(0);
        package.folder = root().join("installer/tables");
        package.name = "pcsc".to_owned();
        assert!(texts_of(&package).unwrap()[0].starts_with("Copyright 2017 The rust-pcsc"));
        package.name = "another".to_owned();
        let error = texts_of(&package).unwrap_err().to_string();
        assert!(error.starts_with("another@"), "{error}");
    }
}
