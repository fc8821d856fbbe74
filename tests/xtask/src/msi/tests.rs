//! The MSI's tables, of files that stand in for programs.

use std::collections::BTreeMap;

use super::tables::patches;
use super::*;

/// A folder of a test's own, taken away in the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let name = format!("cardea-msi-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(folder.join("stage")).unwrap();
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _gone = fs::remove_dir_all(&self.0);
    }
}

fn packed(folder: &Folder, contents: Contents) -> Result<PathBuf, Box<dyn Error>> {
    let stage = folder.0.join("stage");
    let papers = [
        "LICENSE.txt",
        "THIRD-PARTY-NOTICES.txt",
        "cardea.cdx.json",
        "cardea.ico",
    ];
    for name in staging::signed_files(contents).iter().chain(&papers) {
        fs::write(stage.join(name), name)?;
    }
    let recipe = Recipe {
        programs: PathBuf::new(),
        contents,
        version: Version::of_the_workspace()?,
        folder: folder.0.clone(),
        changes: &[],
    };
    let msi = folder.0.join(recipe.name());
    pack(&recipe, &stage, &msi)?;
    Ok(msi)
}

#[test]
#[ignore = "needs wixl"]
fn the_tables_are_those_that_are_checked_in() {
    for contents in [Contents::AgentOnly, Contents::WithDesktop] {
        packed(&Folder::new("tables"), contents).unwrap();
    }
}

/// The conditions of components, as the source has them for WiX.
fn conditions(source: &str) -> BTreeMap<&str, String> {
    let components = source.split("<Component Id=\"").skip(1);
    components
        .filter_map(|component| {
            let (id, rest) = component.split_once('"')?;
            let inside = rest.split("</Component>").next()?;
            let condition = inside.split("<Condition>").nth(1)?;
            let condition = condition.split("</Condition>").next()?;
            Some((id, condition.replace("&lt;", "<").replace("&gt;", ">")))
        })
        .collect()
}

#[test]
#[ignore = "needs wixl"]
fn wix_would_give_components_the_conditions_that_we_patch() {
    let source = fs::read_to_string(root().join("installer/cardea.wxs")).unwrap();
    let wanted = conditions(&source);
    assert!(wanted.len() > 10);
    let folder = Folder::new("conditions");
    let msi = packed(&folder, Contents::WithDesktop).unwrap();
    let table = tables::export(&msi, "Component").unwrap();
    let found: BTreeMap<_, _> = table
        .lines()
        .skip(3)
        .map(|row| row.split('\t').collect::<Vec<_>>())
        .filter(|row| row.len() > 4 && !row[4].is_empty())
        .map(|row| (row[0], row[4].to_owned()))
        .collect();
    assert_eq!(found, wanted);
}

#[test]
fn every_property_is_remembered_and_explained() {
    let source = fs::read_to_string(root().join("installer/cardea.wxs")).unwrap();
    let guide = fs::read_to_string(root().join("installer/README.md")).unwrap();
    let all = patches::SETTINGS.iter().chain(patches::BROWSER_ORIGINS);
    for property in all.chain(patches::OWN) {
        for needed in [
            format!("<Property Id=\"OLD{property}\">"),
            format!("<CustomAction Id=\"Keep{property}\" Property=\"{property}\""),
            format!("NOT {property} AND OLD{property}</Custom>"),
        ] {
            assert!(source.contains(&needed), "{needed}");
        }
        assert!(
            guide.contains(&format!("`{property}`")),
            "{property} in the guide"
        );
    }
}

#[test]
fn no_action_is_a_script_or_a_library() {
    let source = fs::read_to_string(root().join("installer/cardea.wxs")).unwrap();
    for kind in [
        "DllEntry",
        "Script",
        "JScriptCall",
        "VBScriptCall",
        "BinaryKey",
    ] {
        assert!(!source.contains(kind), "{kind}");
    }
}
