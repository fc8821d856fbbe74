//! The tables of the MSI: written by wixl, then patched where wixl knows no words for it, silently
//! takes others, or puts things where they do not work. The source says the same to WiX.

pub(super) mod file_version;
pub(super) mod patches;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Recipe;
use super::options::Contents;
use super::tool::quiet;
use crate::process::root;

/// Those that decide what happens on the computer.
const COMPARED: &[&str] = &[
    "Component",
    "CreateFolder",
    "CustomAction",
    "Feature",
    "FeatureComponents",
    "InstallExecuteSequence",
    "InstallUISequence",
    "LaunchCondition",
    "MsiLockPermissionsEx",
    "MsiShortcutProperty",
    "Property",
    "RegLocator",
    "Registry",
    "Shortcut",
    "Upgrade",
];

/// What WiX is told of components, and [`patches`] write for wixl.
pub(super) const UNKNOWN_TO_WIXL: &str = " Transitive=\"yes\"";

/// What is another one in each package.
const VOLATILE: &[&str] = &["ProductCode\t"];

/// Has wixl write the MSI; any warning is a failure.
pub(super) fn compile(
    source: &Path,
    stage: &Path,
    recipe: &Recipe,
    msi: &Path,
) -> Result<(), Box<dyn Error>> {
    // An attribute cannot be left out for one compiler by the source itself.
    let known = fs::read_to_string(source)?.replace(UNKNOWN_TO_WIXL, "");
    let source = msi.with_extension("wxs");
    fs::write(&source, known)?;
    let mut wixl = Command::new("wixl");
    wixl.args(["-a", "x64", "-D", "Wixl=1", "-D"])
        .arg(format!("Version={}", recipe.version))
        // It takes no paths from the root.
        .current_dir(stage)
        .args(["-D", "Stage=."]);
    if recipe.contents == Contents::WithDesktop {
        wixl.args(["-D", "Desktop=1"]);
    }
    quiet(wixl.arg("-o").arg(msi).arg(&source))?;
    fs::remove_file(source)?;
    Ok(())
}

/// Writes what wixl does not.
pub(super) fn patch(msi: &Path, stage: &Path, contents: Contents) -> Result<(), Box<dyn Error>> {
    change(msi, &patches::queries(stage, contents)?)?;
    // Part of the key, which no query can change.
    let upgrade = patches::same_version_counts(&export(msi, "Upgrade")?)?;
    import(msi, "Upgrade", &upgrade)?;
    for (name, table) in patches::tables(contents) {
        import(msi, name, table)?;
    }
    Ok(())
}

/// Changes tables by queries.
pub(super) fn change<Q: AsRef<str>>(msi: &Path, queries: &[Q]) -> Result<(), Box<dyn Error>> {
    if queries.is_empty() {
        return Ok(());
    }
    let mut msibuild = Command::new("msibuild");
    msibuild.arg(msi);
    for query in queries {
        msibuild.args(["-q", query.as_ref()]);
    }
    quiet(&mut msibuild)?;
    Ok(())
}

/// Has conditions of the sequence say something else; an error when none says what is replaced.
pub(super) fn replace_in_conditions(
    msi: &Path,
    replaced: &[(&str, &str)],
) -> Result<(), Box<dyn Error>> {
    const TABLE: &str = "InstallExecuteSequence";
    for (old, new) in replaced {
        let table = export(msi, TABLE)?;
        if !table.contains(old) {
            return Err(format!("no condition of {TABLE} says {old}").into());
        }
        import(msi, TABLE, &table.replace(old, new))?;
    }
    Ok(())
}

/// Compares the tables with those that are checked in; `UPDATE=1` writes these anew.
pub(super) fn compare(msi: &Path, recipe: &Recipe) -> Result<(), Box<dyn Error>> {
    let name = match recipe.contents {
        Contents::WithDesktop => "with-desktop.txt",
        Contents::AgentOnly => "agent-only.txt",
    };
    let path = root().join("installer/tables").join(name);
    let found = show(msi)?.replace(&recipe.version.to_string(), "VERSION");
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(path.with_file_name(""))?;
        fs::write(&path, found)?;
        return Ok(());
    }
    let wanted = fs::read_to_string(&path).unwrap_or_default();
    let differs = |(found, wanted): &(&str, &str)| found != wanted;
    if found == wanted {
        return Ok(());
    }
    let (found, wanted) = found
        .lines()
        .zip(wanted.lines())
        .find(differs)
        .unwrap_or(("", "another number of lines"));
    Err(format!(
        "installer/tables/{name} says\n  {wanted}\nand the MSI has\n  {found}\nWith UPDATE=1 it is \
         written anew"
    )
    .into())
}

/// The tables as text, without what is another one each time.
fn show(msi: &Path) -> Result<String, Box<dyn Error>> {
    let there = quiet(Command::new("msiinfo").arg("tables").arg(msi))?;
    let mut shown = String::new();
    for table in COMPARED {
        if !there.lines().any(|name| name.trim() == *table) {
            continue;
        }
        let text = export(msi, table)?;
        let mut lines = text.lines();
        let columns = lines.next().unwrap_or_default();
        // The order of rows is wixl's own.
        let mut rows: Vec<_> = lines
            .skip(2)
            .filter(|row| !VOLATILE.iter().any(|start| row.starts_with(start)))
            .filter(|row| !row.is_empty())
            .collect();
        rows.sort_unstable();
        shown.push_str(&format!("== {table}\n{columns}\n{}\n\n", rows.join("\n")));
    }
    Ok(shown)
}

pub(super) fn export(msi: &Path, table: &str) -> Result<String, Box<dyn Error>> {
    quiet(Command::new("msiinfo").arg("export").arg(msi).arg(table))
}

/// Writes a table, in place of the one of this name.
fn import(msi: &Path, name: &str, table: &str) -> Result<(), Box<dyn Error>> {
    let file = msi.with_file_name(PathBuf::from(format!("{name}.idt")));
    fs::write(&file, table)?;
    quiet(Command::new("msibuild").arg(msi).arg("-i").arg(&file))?;
    fs::remove_file(file)?;
    Ok(())
}
