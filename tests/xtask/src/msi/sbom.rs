//! The bill of materials, as CycloneDX 1.5 (ECMA-424) has it in JSON.

use super::packages::{NPM, Package};
use super::parts::Part;
use super::version::Version;

/// What the whole is called.
const WHOLE: &str = "cardea-msi";

/// The bill of materials of these packages and parts.
pub(super) fn write(version: Version, packages: &[Package], parts: &[Part]) -> String {
    let of_packages = packages.iter().map(component);
    let components: Vec<_> = of_packages.chain(parts.iter().map(part)).collect();
    let programs = packages.iter().filter(|package| package.is_program());
    let inside = programs.map(|package| address(&package.id()));
    let inside = inside.chain(parts.iter().map(Part::address));
    let whole = depends(WHOLE, inside);
    let of_packages = packages.iter().map(dependency);
    let dependencies: Vec<_> = [whole].into_iter().chain(of_packages).collect();
    let version = text(&version.to_string());
    format!(
        "{{\n\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.5\",\"version\":1,\n\
         \"metadata\":{{\"component\":{{\"type\":\"application\",\"bom-ref\":\"{WHOLE}\",\
         \"name\":\"Cardea\",\"version\":{version},\
         \"licenses\":[{{\"expression\":\"Apache-2.0\"}}]}}}},\n\
         \"components\":[\n{}\n],\n\"dependencies\":[\n{}\n]\n}}\n",
        components.join(",\n"),
        dependencies.join(",\n")
    )
}

fn component(package: &Package) -> String {
    let address = address(&package.id());
    let hash = package.checksum.as_ref().map(|checksum| {
        let (algorithm, content) = (text(checksum.algorithm), text(&checksum.content));
        format!(",\"hashes\":[{{\"alg\":{algorithm},\"content\":{content}}}]")
    });
    let name = package.name.trim_start_matches(NPM);
    let hash = hash.unwrap_or_default();
    library(&address, name, &package.version, &package.licence, &hash)
}

/// `hash` stands behind the rest.
fn library(address: &str, name: &str, version: &str, licence: &str, hash: &str) -> String {
    let [address, name, version, licence] = [address, name, version, licence].map(text);
    format!(
        "{{\"type\":\"library\",\"bom-ref\":{address},\"name\":{name},\"version\":{version},\"purl\":{address},\
         \"licenses\":[{{\"expression\":{licence}}}]{hash}}}"
    )
}

impl Part {
    fn address(&self) -> String {
        let version = self.version.replace('+', "%2B").replace('~', "%7E");
        format!("pkg:generic/{}@{version}", self.name)
    }
}

fn part(part: &Part) -> String {
    library(&part.address(), part.name, &part.version, part.licence, "")
}

fn dependency(package: &Package) -> String {
    let needs = package.needs.iter().map(|id| address(id));
    depends(&address(&package.id()), needs)
}

fn depends(whole: &str, needs: impl Iterator<Item = String>) -> String {
    let needs: Vec<_> = needs.map(|address| text(&address)).collect();
    let (whole, needs) = (text(whole), needs.join(","));
    format!("{{\"ref\":{whole},\"dependsOn\":[{needs}]}}")
}

/// The package's address (package-url), which writes `+` out, and the `@` of a scope.
fn address(id: &str) -> String {
    match id.strip_prefix(NPM) {
        Some(id) if id.starts_with('@') => format!("pkg:npm/%40{}", &id[1..]),
        Some(id) => format!("pkg:npm/{id}"),
        None => format!("pkg:cargo/{}", id.replace('+', "%2B")),
    }
}

/// A text as JSON writes it.
fn text(text: &str) -> String {
    let mut written = String::from('"');
    for char in text.chars() {
        match char {
            '"' | '\\' => written.extend(['\\', char]),
            char if char.is_control() => {
                written.push_str(&format!("\\u{:04x}", u32::from(char)));
            }
            char => written.push(char),
        }
    }
    written.push('"');
    written
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;
    use crate::msi::options::Contents;
    use crate::msi::packages::linked;

    #[test]
    fn every_package_is_there_once_and_every_dependency_names_one() {
        let packages = linked(Contents::WithDesktop).unwrap();
        let version = Version::of_the_workspace().unwrap();
        let part = Part {
            name: "rust-std",
            version: "1.0".to_owned(),
            licence: "MIT OR Apache-2.0",
            text: std::path::PathBuf::new(),
        };
        let bill: Value = serde_json::from_str(&write(version, &packages, &[part])).unwrap();
        assert_eq!(bill["bomFormat"], "CycloneDX");
        let list = |value: &Value| value.as_array().unwrap().clone();
        let components = list(&bill["components"]);
        assert_eq!(components.len(), packages.len() + 1);
        let named: BTreeSet<_> = components
            .iter()
            .map(|component| component["bom-ref"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(named.len(), components.len());
        let dependencies = list(&bill["dependencies"]);
        assert_eq!(dependencies.len(), packages.len() + 1);
        let address = |name: &str| {
            let id = packages.iter().find(|package| package.name == name);
            address(&id.unwrap().id())
        };
        assert_eq!(
            dependencies[0],
            serde_json::json!({
                "ref": "cardea-msi",
                "dependsOn": [address("cardea-desktop"), address("cardea"), "pkg:generic/rust-std@1.0"],
            })
        );
        assert!(named.contains(&address("npm:@tauri-apps/api")));
        for dependency in dependencies {
            for needed in list(&dependency["dependsOn"]) {
                assert!(named.contains(needed.as_str().unwrap()), "{needed}");
            }
        }
    }

    #[test]
    fn addresses_write_out_what_means_something_else() {
        assert_eq!(address("a@1.0.0+x"), "pkg:cargo/a@1.0.0%2Bx");
        assert_eq!(address("npm:b@1.0.0"), "pkg:npm/b@1.0.0");
        assert_eq!(address("npm:@a/b@1.0.0"), "pkg:npm/%40a/b@1.0.0");
    }

    #[test]
    fn texts_are_written_as_json_does() {
        let odd = "a \"b\" \\ \n\u{e9}";
        assert_eq!(serde_json::from_str::<String>(&text(odd)).unwrap(), odd);
    }
}
