//! `cargo xtask msi`: what IT rolls out, made of the programs for Windows as they are shipped.

mod inspect;
mod notices;
mod options;
mod packages;
mod page_packages;
mod parts;
mod sbom;
mod signing;
mod staging;
mod tables;
mod test_packages;
mod tool;
mod version;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

pub use options::Options;

use crate::process::root;
use crate::{install, windows};
use options::Contents;
use version::Version;

/// No MSI may be larger, in bytes: thousands of computers fetch it.
const LARGEST: u64 = 10_000_000;

/// Builds the programs and packs them.
///
/// # Errors
/// When something is missing, a tool fails or warns, or what came out is not as it must be.
pub fn run(options: &Options) -> Result<ExitCode, Box<dyn Error>> {
    install::for_msi()?;
    if options.for_tests {
        test_packages::make()?;
        return Ok(ExitCode::SUCCESS);
    }
    let built = windows::run()?;
    if built != ExitCode::SUCCESS {
        return Ok(built);
    }
    let recipe = Recipe {
        programs: windows::release_folder(),
        contents: options.contents,
        version: Version::of_the_workspace()?,
        folder: root().join("target/msi"),
        changes: &[],
        replaced: &[],
    };
    let msi = make(&recipe, options.signing.as_ref())?;
    let size = fs::metadata(&msi)?.len();
    if size > LARGEST {
        return Err(format!(
            "{} has {size} bytes, and {LARGEST} are allowed",
            msi.display()
        )
        .into());
    }
    if options.signing.is_none() {
        println!("NOT SIGNED: for tests only. Sign releases by --pfx or --pkcs11.");
    }
    println!("{} ({size} bytes)", msi.display());
    Ok(ExitCode::SUCCESS)
}

/// What an MSI is made of.
struct Recipe {
    /// Where the programs for Windows are.
    programs: PathBuf,
    contents: Contents,
    version: Version,
    /// Where it is put, with what belongs beside it.
    folder: PathBuf,
    /// What a test changes in the tables.
    changes: &'static [&'static str],
    /// What a test has in conditions of the sequence in place of something else.
    replaced: &'static [(&'static str, &'static str)],
}

impl Recipe {
    fn name(&self) -> String {
        let name = match self.contents {
            Contents::WithDesktop => "cardea",
            Contents::AgentOnly => "cardea-agent",
        };
        format!("{name}-{}-x64.msi", self.version)
    }
}

/// Makes one, and looks at it: the tables as they are checked in, no simulator in its programs, their
/// names in them, the signatures good.
fn make(recipe: &Recipe, signing: Option<&signing::Signing>) -> Result<PathBuf, Box<dyn Error>> {
    let stage = staging::gather(recipe)?;
    if let Some(signing) = signing {
        for program in staging::signed_files(recipe.contents) {
            signing.sign(&stage.join(program))?;
        }
    }
    let msi = recipe.folder.join(recipe.name());
    pack(recipe, &stage, &msi)?;
    tables::change(&msi, recipe.changes)?;
    tables::replace_in_conditions(&msi, recipe.replaced)?;
    if let Some(signing) = signing {
        signing.sign(&msi)?;
        signing.verify(&msi)?;
    }
    let inside = inspect::unpack(&msi, &recipe.folder.join("inside"))?;
    for program in staging::our_programs(recipe.contents) {
        inspect::is_named_for_rules(&inside.join(program))?;
    }
    for program in staging::signed_files(recipe.contents) {
        let program = inside.join(program);
        inspect::has_no_simulator(&program)?;
        if let Some(signing) = signing {
            signing.verify(&program)?;
        }
    }
    Ok(msi)
}

/// Writes the MSI out of staged files, and compares its tables.
fn pack(recipe: &Recipe, stage: &Path, msi: &Path) -> Result<(), Box<dyn Error>> {
    let source = root().join("installer/cardea.wxs");
    tables::compile(&source, stage, recipe, msi)?;
    tables::patch(msi, stage, recipe.contents)?;
    tables::compare(msi, recipe)
}

#[cfg(test)]
mod tests;
