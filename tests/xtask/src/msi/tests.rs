//! The MSI's tables, of files that stand in for programs.

use std::collections::{BTreeMap, BTreeSet};

use super::tables::patches;
use super::*;

/// A folder of a test's own, taken away in the end.
pub(super) struct Folder(pub(super) PathBuf);

impl Folder {
    pub(super) fn new(name: &str) -> Self {
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

pub(super) fn packed(folder: &Folder, contents: Contents) -> Result<PathBuf, Box<dyn Error>> {
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
        replaced: &[],
    };
    let msi = folder.0.join(recipe.name());
    pack(&recipe, &stage, &msi)?;
    Ok(msi)
}

/// The rows of a table as text, each by its columns.
fn cells(rows: &str) -> Vec<Vec<&str>> {
    rows.lines().map(|row| row.split('\t').collect()).collect()
}

/// The rows of a table as it is checked in.
fn checked_in<'a>(tables: &'a str, table: &str) -> Vec<Vec<&'a str>> {
    let rows = tables.split(&format!("== {table}\n")).nth(1).unwrap();
    let (_columns, rows) = rows.split("\n\n").next().unwrap().split_once('\n').unwrap();
    cells(rows)
}

/// The row of an action in a table that an MSI has.
fn row_of<'a>(table: &'a str, action: &str) -> Vec<&'a str> {
    let mut rows = cells(table).into_iter();
    rows.find(|row| row[0] == action).unwrap()
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
    // Behind names, kinds and key of the columns.
    let rows = cells(&table).split_off(3);
    let found: BTreeMap<_, _> = rows
        .iter()
        .filter(|row| !row[4].is_empty())
        .map(|row| (row[0], row[4].to_owned()))
        .collect();
    assert_eq!(found, wanted);
    // Those with a condition are the ones whose condition is looked at again.
    for (component, _) in found {
        let start = source
            .split(&format!("<Component Id=\"{component}\""))
            .nth(1);
        let start = start.unwrap().split('>').next().unwrap();
        assert!(start.ends_with(tables::UNKNOWN_TO_WIXL), "{component}");
    }
    let all = source.matches(tables::UNKNOWN_TO_WIXL).count();
    assert_eq!(all, wanted.len());
    let again = rows
        .iter()
        .filter(|row| row[3].parse::<u32>().unwrap() & 64 != 0);
    assert_eq!(again.count(), wanted.len());
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
            format!("Installed OR (NOT {property} AND OLD{property})</Custom>"),
        ] {
            assert!(source.contains(&needed), "{needed}");
        }
        assert!(
            guide.contains(&format!("`{property}`")),
            "{property} in the guide"
        );
    }
}

/// What `PROPERTY = "value"` allows in the source's conditions.
fn allowed<'a>(source: &'a str, property: &str) -> Vec<&'a str> {
    let start = format!("{property} = \"");
    let conditions = source
        .lines()
        .filter(|line| line.contains("<Condition Message="));
    conditions
        .flat_map(|line| line.split(&start).skip(1))
        .filter_map(|rest| rest.split('"').next())
        .collect()
}

/// The values that the policy of a setting offers.
fn offered<'a>(policies: &'a str, setting: &str) -> Vec<&'a str> {
    let start = format!("<enum id=\"{setting}\"");
    let element = policies.split(&start).nth(1).unwrap_or_default();
    let element = element.split("</enum>").next().unwrap_or_default();
    let items = element.split("<string>").skip(1);
    items.filter_map(|item| item.split('<').next()).collect()
}

#[test]
fn a_property_takes_what_its_setting_takes() {
    let source = fs::read_to_string(root().join("installer/cardea.wxs")).unwrap();
    let policies = fs::read_to_string(root().join("installer/policy/cardea.admx")).unwrap();
    let mut choices = 0;
    for property in patches::SETTINGS {
        let search = source.split(&format!("\"Old{property}\"")).nth(1).unwrap();
        let setting = search.split("Name=\"").nth(1).unwrap();
        let setting = setting.split('"').next().unwrap();
        let offered = offered(&policies, setting);
        if !offered.is_empty() {
            assert_eq!(allowed(&source, property), offered, "{property}");
            choices += 1;
        }
    }
    assert_eq!(choices, 4);
    for switch in ["AUTOSTART", "LAUNCH"] {
        assert_eq!(allowed(&source, switch), ["0", "1"], "{switch}");
    }
}

#[test]
#[ignore = "needs wixl"]
fn the_old_version_goes_inside_of_the_transaction_and_its_programs_come_back() {
    let folder = Folder::new("order");
    let msi = packed(&folder, Contents::WithDesktop).unwrap();
    let table = tables::export(&msi, "InstallExecuteSequence").unwrap();
    let at = |action: &str| row_of(&table, action)[2].parse::<u32>().unwrap();
    let order = [
        "LaunchConditions",
        "InstallValidate",
        "InstallInitialize",
        "RemoveExistingProducts",
        // Undone last, when the files are back.
        "StartAgainAtRollback",
        "StopSessions",
        "RemoveFiles",
        "InstallFiles",
        "StartSessions",
        "InstallFinalize",
    ];
    assert!(order.map(at).is_sorted(), "{table}");
    assert!(at("StopSessionsForGood") < at("RemoveFiles"));
    // What is done when the script ran to its end, and what when it did not (`CustomAction` table).
    let actions = tables::export(&msi, "CustomAction").unwrap();
    let kind = |action: &str| row_of(&actions, action)[1].parse::<u32>().unwrap();
    assert_eq!(kind("StartAgainAtRollback") & 0x100, 0x100);
    assert_eq!(kind("StartSessions") & 0x200, 0x200);
    assert_eq!(kind("StartStoppedSessions") & 0x200, 0x200);
}

#[test]
fn wix_would_write_what_we_write_into_the_tables() {
    let source = fs::read_to_string(root().join("installer/cardea.wxs")).unwrap();
    let tables = fs::read_to_string(root().join("installer/tables/with-desktop.txt")).unwrap();
    let rows = |table: &str| checked_in(&tables, table);
    for row in rows("MsiLockPermissionsEx") {
        assert!(source.contains(&format!("Sddl=\"{}\"", row[3])), "{row:?}");
    }
    for action in patches::BEFORE_WINDOWS {
        assert!(
            source.contains(&format!("<{action} Suppress=\"yes\" />")),
            "{action}"
        );
    }
    for row in rows("MsiShortcutProperty") {
        let property = format!("Key=\"{}\" Value=\"{}\"", row[2], row[3]);
        assert!(source.contains(&property), "{row:?}");
    }
    let forgotten: Vec<_> = rows("Registry")
        .into_iter()
        .filter(|row| row[3] == "-")
        .collect();
    for row in &forgotten {
        let key = format!("Key=\"{}\" ForceDeleteOnUninstall=\"yes\"", row[2]);
        assert!(source.contains(&key), "{row:?}");
    }
    let all = source.matches("ForceDeleteOnUninstall").count();
    assert_eq!(forgotten.len(), all);
    let properties = rows("Property");
    let secure = properties
        .iter()
        .find(|row| row[0] == "SecureCustomProperties")
        .unwrap();
    let of_wix = source.split("\" Secure=\"yes\"").filter_map(|before| {
        let (_, name) = before.rsplit_once("<Property Id=\"")?;
        (!name.contains('"')).then_some(name)
    });
    let ours = secure[1]
        .split(';')
        .filter(|name| !name.starts_with("WIX_"));
    assert_eq!(
        of_wix.collect::<BTreeSet<_>>(),
        ours.collect::<BTreeSet<_>>()
    );
}

#[test]
fn no_feature_is_installed_without_the_agent() {
    let tables = fs::read_to_string(root().join("installer/tables/with-desktop.txt")).unwrap();
    let parents: BTreeMap<_, _> = checked_in(&tables, "Feature")
        .into_iter()
        .map(|row| (row[0], row[1]))
        .collect();
    let expected = [
        ("AgentFeature", ""),
        ("BrowserPolicies", "AgentFeature"),
        ("DesktopFeature", "AgentFeature"),
    ];
    assert_eq!(parents, expected.into());
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
