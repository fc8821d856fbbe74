//! The bill of materials, as CycloneDX 1.5 (ECMA-424) has it in JSON.

use super::packages::Package;
use super::version::Version;
use crate::windows;

/// The bill of materials of these packages and the standard library.
pub(super) fn write(version: Version, packages: &[Package]) -> String {
    let std = windows::std_version();
    let standard = format!(
        "{{\"type\":\"library\",\"bom-ref\":{r},\"name\":\"rust-std\",\"version\":{v},\"purl\":{r},\
         \"licenses\":[{{\"expression\":\"MIT OR Apache-2.0\"}}]}}",
        r = text(&format!("pkg:generic/rust-std@{std}")),
        v = text(&std),
    );
    let components: Vec<_> = packages.iter().map(component).chain([standard]).collect();
    let dependencies: Vec<_> = packages.iter().map(dependency).collect();
    let version = text(&version.to_string());
    format!(
        "{{\n\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.5\",\"version\":1,\n\
         \"metadata\":{{\"component\":{{\"type\":\"application\",\"bom-ref\":\"cardea-msi\",\
         \"name\":\"Cardea\",\"version\":{version},\
         \"licenses\":[{{\"expression\":\"Apache-2.0\"}}]}}}},\n\
         \"components\":[\n{}\n],\n\"dependencies\":[\n{}\n]\n}}\n",
        components.join(",\n"),
        dependencies.join(",\n")
    )
}

fn component(package: &Package) -> String {
    let address = text(&address(&package.id()));
    let hash = package.checksum.as_ref().map(|checksum| {
        let checksum = text(checksum);
        format!(",\"hashes\":[{{\"alg\":\"SHA-256\",\"content\":{checksum}}}]")
    });
    format!(
        "{{\"type\":\"library\",\"bom-ref\":{address},\"name\":{},\"version\":{},\"purl\":{address},\
         \"licenses\":[{{\"expression\":{}}}]{}}}",
        text(&package.name),
        text(&package.version),
        text(&package.licence),
        hash.unwrap_or_default()
    )
}

fn dependency(package: &Package) -> String {
    let needs: Vec<_> = package.needs.iter().map(|id| text(&address(id))).collect();
    format!(
        "{{\"ref\":{},\"dependsOn\":[{}]}}",
        text(&address(&package.id())),
        needs.join(",")
    )
}

/// The package's address (package-url), which writes `+` out.
fn address(id: &str) -> String {
    format!("pkg:cargo/{}", id.replace('+', "%2B"))
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
        let packages = linked(Contents::AgentOnly).unwrap();
        let version = Version::of_the_workspace().unwrap();
        let bill: Value = serde_json::from_str(&write(version, &packages)).unwrap();
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
        assert_eq!(dependencies.len(), packages.len());
        for dependency in dependencies {
            for needed in list(&dependency["dependsOn"]) {
                assert!(named.contains(needed.as_str().unwrap()), "{needed}");
            }
        }
    }

    #[test]
    fn texts_are_written_as_json_does() {
        let odd = "a \"b\" \\ \n\u{e9}";
        assert_eq!(serde_json::from_str::<String>(&text(odd)).unwrap(), odd);
    }
}
