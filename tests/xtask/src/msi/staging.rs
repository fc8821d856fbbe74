//! The files that go into an MSI, put together in one folder.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use super::options::Contents;
use super::{Recipe, notices, packages, parts, sbom};
use crate::process::root;

/// The programs and libraries, which are signed each.
pub(super) fn signed_files(contents: Contents) -> &'static [&'static str] {
    match contents {
        Contents::WithDesktop => &["cardea.exe", "cardea-desktop.exe", "WebView2Loader.dll"],
        Contents::AgentOnly => &["cardea.exe"],
    }
}

/// Those of them that are ours, and say so; the others have their makers' names in them.
pub(super) fn our_programs(contents: Contents) -> impl Iterator<Item = &'static str> {
    let files = signed_files(contents).iter().copied();
    files.filter(|name| name.ends_with(".exe"))
}

/// Puts everything into `stage` in the recipe's folder, and beside it what IT wants without
/// unpacking.
pub(super) fn gather(recipe: &Recipe) -> Result<PathBuf, Box<dyn Error>> {
    let stage = recipe.folder.join("stage");
    if stage.exists() {
        fs::remove_dir_all(&stage)?;
    }
    fs::create_dir_all(&stage)?;
    for name in signed_files(recipe.contents) {
        let built = recipe.programs.join(name);
        fs::copy(&built, stage.join(name)).map_err(|error| missing(&built, &error))?;
    }
    let licence = fs::read_to_string(root().join("LICENSE"))?;
    fs::write(stage.join("LICENSE.txt"), licence.replace('\n', "\r\n"))?;
    let icon = root().join("src-tauri/icons/cardea.ico");
    fs::copy(icon, stage.join("cardea.ico"))?;
    let packages = packages::linked(recipe.contents)?;
    let parts = parts::of(recipe.contents, &stage)?;
    let bill = sbom::write(recipe.version, &packages, &parts);
    let papers = [
        (
            "THIRD-PARTY-NOTICES.txt",
            notices::write(&packages, &parts)?,
        ),
        ("cardea.cdx.json", bill),
    ];
    for (name, text) in papers {
        fs::write(stage.join(name), &text)?;
        fs::write(recipe.folder.join(name), text)?;
    }
    Ok(stage)
}

fn missing(built: &Path, error: &std::io::Error) -> String {
    let built = built.display();
    format!(
        "{built}: {error}. `cargo xtask windows` has to build it; --without-desktop makes an MSI of \
         the agent alone, for servers on which something else starts it"
    )
}
